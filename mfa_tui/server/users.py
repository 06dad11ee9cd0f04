"""The user of a session: read, and the acknowledgement that the recovery codes are saved."""

from dataclasses import replace
from http import HTTPStatus

from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.protocol.models import SdkUser, UpdateUser, VerifyResponse
from mfa_tui.server import recovery, sessions
from mfa_tui.server.context import RequestContext
from mfa_tui.server.refusal import RefusalError


def read(visit: RequestContext, _request: None) -> SdkUser:
    """`GET /users`: the user of the session."""
    return sessions.as_sdk_user(visit.service, visit.session)


def update(visit: RequestContext, request: UpdateUser) -> VerifyResponse:
    """`PUT /users`: from then on a sign-in may ask for a code.

    So it takes a code that is left: else the next sign-in would wait for what nobody has.
    """
    if recovery.how_many(visit) == 0:
        raise RefusalError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "There are no recovery codes to acknowledge: make new ones first.",
            code=ErrorCode.MFA_INVALID_REQUEST,
        )
    acknowledgement = request.mfa_backup_code_acknowledgement
    visit.db.change("UPDATE users SET acknowledgement = ? WHERE number = ?", acknowledgement, visit.user.number)
    user = replace(visit.user, acknowledgement=acknowledgement)
    return sessions.signed_in(visit, replace(visit.session, user=user), next_view="done")
