"""The user's own fields, and the deletion of the user."""

from http import HTTPStatus

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from mfa_tui.protocol.service import FieldCheck
from mfa_tui.protocol.user import UpdateUser, VerifyResponse
from mfa_tui.server import recovery, sessions, step_up, users
from mfa_tui.server.context import RequestContext
from mfa_tui.server.refusal import RefusalError, bad_request

_MAX_BYTES = 16 * 1024
_NOT_STORED = {"mfa_backup_code_acknowledgement", "email", "captcha_token"}


def update(context: RequestContext, request: UpdateUser) -> VerifyResponse:
    """`PUT /users`: Change the user's own fields, or record that the recovery codes are saved."""
    if request.email not in {UNSET, None, context.user.email}:
        raise bad_request("The e-mail address cannot be changed: sign in with the other one.")
    user = _store(context, request)
    acknowledgement = request.mfa_backup_code_acknowledgement
    if isinstance(acknowledgement, str):
        recovery.acknowledge(context, acknowledgement)
        user = replace(user, acknowledgement=acknowledgement)
    return sessions.verify_response(context.with_session(replace(context.session, user=user)), next_view="done")


def delete(context: RequestContext, _request: None) -> None:
    """`DELETE /users`: Delete the user, with all codes, devices and sessions.

    It requires step-up authentication if the user has a factor.
    """
    if users.has_factor(context.db, context.user) or context.service.api.requires_elevated_token:
        step_up.require_step_up(context, "user:delete")
    users.delete_factors(context.db, context.user)
    context.db.execute("DELETE FROM users WHERE number = ?", context.user.number)


def check(context: RequestContext, _request: None) -> FieldCheck:
    """`GET /users/check`: Return whether a user name is free.

    An address is always free, except the user's own: whether another user has it is not for this user to know.
    """
    field, value = context.query.get("filter[field]", ""), context.query.get("filter[value]", "")
    if field not in {"username", "email"} or not value:
        raise bad_request("The filter is not a field, username or email, and its value.")
    if field == "email":
        return FieldCheck(field=field, value=value, available=value.lower() != context.user.email)
    return FieldCheck(field=field, value=value, available=not _is_taken(context, value))


def _store(context: RequestContext, request: UpdateUser) -> users.User:
    """Store the fields that the request has. Null clears one."""
    given = {name: value for name, value in msgspec.structs.asdict(request).items() if name not in _NOT_STORED}
    changed = {name: value for name, value in given.items() if not isinstance(value, UnsetType)}
    if not changed:
        return context.user
    profile = {name: value for name, value in {**context.user.profile, **changed}.items() if value is not None}
    stored = msgspec.json.encode(profile).decode()
    if len(stored) > _MAX_BYTES:
        raise bad_request("The user's fields are larger than 16 KiB.")
    username = profile.get("username")
    if username is not None and _is_taken(context, username):
        raise RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, "Another user has this user name.")
    context.db.execute(
        "UPDATE users SET profile = ?, username = ? WHERE number = ?", stored, username, context.user.number
    )
    return replace(context.user, stored_profile=stored)


def _is_taken(context: RequestContext, username: str) -> bool:
    query = "SELECT 1 FROM users WHERE username = ? AND number <> ?"
    return context.db.exists(query, username, context.user.number)
