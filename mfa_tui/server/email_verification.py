"""Sign-in with a code that is sent by e-mail: six digits, valid once and for ten minutes, with three attempts.

Neither a response nor its timing depends on whether the address is known.
"""

import hmac
import secrets
from http import HTTPStatus
from uuid import uuid4

import msgspec
from msgspec import UNSET

from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.protocol.models import (
    CREDENTIAL_LINK,
    AuthenticateEmail,
    CreateEmailVerification,
    EmailVerification,
    RetryEmailVerification,
    SignInWithEmail,
)
from mfa_tui.protocol.user import VerifyResponse
from mfa_tui.server import sessions, step_up, throttling, users
from mfa_tui.server.cleanup import delete_expired
from mfa_tui.server.context import RequestContext
from mfa_tui.server.mail import SIGN_IN_CODE_SECONDS
from mfa_tui.server.refusal import RefusalError, bad_request
from mfa_tui.server.step_up import IssuedTokens
from mfa_tui.server.users import Factor

MAX_WRONG_ATTEMPTS = 3
DIGITS = 6


class _Verification(msgspec.Struct, frozen=True):
    """A row of the table `email_verifications`."""

    email: str
    digest: bytes
    wrong: int


def create(context: RequestContext, request: CreateEmailVerification) -> EmailVerification:
    """`POST /emailVerifications/create`: Send a code to an address."""
    email = request.email.lower()
    _record_mail(context, email)
    delete_expired(context.db, context.service.outbox)
    verification_id = str(uuid4())
    context.db.execute(
        "INSERT INTO email_verifications (id, email, digest, expires_at) VALUES (?, ?, ?, ?)",
        verification_id,
        email,
        _send_code(context, verification_id, email),
        context.db.now + SIGN_IN_CODE_SECONDS,
    )
    return EmailVerification(verification_uuid=verification_id, email=email)


def retry(context: RequestContext, request: RetryEmailVerification) -> EmailVerification:
    """`POST /emailVerifications/retry`: Send a new code for the same verification, which replaces the old code.

    The count of wrong attempts is kept. Otherwise requesting new codes would allow unlimited guessing.
    """
    email = request.email.lower()
    verification = _find(context, request.verification_uuid)
    if verification is None or verification.email != email:
        raise _wrong_code()
    if verification.wrong >= MAX_WRONG_ATTEMPTS:
        raise _too_many_attempts()
    _record_mail(context, email)
    context.db.execute(
        "UPDATE email_verifications SET digest = ?, expires_at = ? WHERE id = ?",
        _send_code(context, request.verification_uuid, email),
        context.db.now + SIGN_IN_CODE_SECONDS,
        request.verification_uuid,
    )
    return EmailVerification(verification_uuid=request.verification_uuid, email=email)


def sign_in(context: RequestContext, request: SignInWithEmail) -> VerifyResponse:
    """`POST /emailVerifications/signin`: Start a session for the address to which the code was sent.

    The user is created if necessary. The challenge is pending if the user has a factor other than e-mail.
    No elevated token is issued while a challenge is pending, because it would bypass the factor.
    """
    user, is_new = users.get_or_create(context.db, _use_up(context, request))
    context = sessions.start(context, user, Factor.EMAIL)
    scopes = () if request.requested_scopes is UNSET else request.requested_scopes
    if request.allow_new_mfa_linking is True and CREDENTIAL_LINK not in scopes:
        scopes = (*scopes, CREDENTIAL_LINK)
    tokens = IssuedTokens() if context.session.pending else step_up.issue_elevated_token(context, scopes)
    return sessions.verify_response(context, tokens, new_user=is_new)


def verify(context: RequestContext, request: SignInWithEmail) -> VerifyResponse:
    """`POST /emailVerifications/verify`: Verify the user of the session by e-mail again.

    Source: the vendor's docs. A user who has another factor gets an elevated token with that factor only.
    """
    email = _use_up(context, request)
    if email != context.user.email:
        raise bad_request("The code was sent to an address that is not the user's.")
    has_factor = users.has_factor(context.db, context.user)
    tokens = IssuedTokens() if has_factor else step_up.issue_elevated_token(context, request.requested_scopes)
    return sessions.verify_response(context, tokens, next_view="done")


def authenticate(context: RequestContext, request: AuthenticateEmail) -> VerifyResponse:
    """`POST /users/mfa/auth/email`: Verify the user of the session by e-mail again.

    E-mail is how users sign in, so it completes no challenge, and gives no token to a user who has another factor.
    """
    code = SignInWithEmail(
        verification_uuid=request.verification_uuid,
        verification_token=request.verification_token,
        requested_scopes=request.requested_scopes,
    )
    return verify(context, code)


def _record_mail(context: RequestContext, email: str) -> None:
    is_known = throttling.is_known(context, email, Factor.EMAIL)
    context.service.limiter.record_mail(context.db, email, context.client, is_known=is_known)


def _find(context: RequestContext, verification_id: str) -> _Verification | None:
    return context.db.fetch_one(
        _Verification,
        "SELECT email, digest, wrong FROM email_verifications WHERE id = ? AND expires_at > ?",
        verification_id,
        context.db.now,
    )


def _send_code(context: RequestContext, verification_id: str, email: str) -> bytes:
    """Send a new code when the transaction is committed, and return the code's digest."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    context.service.outbox.send_sign_in_code(context.db, email, verification_id, code)
    return _digest(context, verification_id, code)


def _use_up(context: RequestContext, request: SignInWithEmail) -> str:
    """Use up a code, and return the address to which it was sent.

    Raises:
        RefusalError: The code is wrong, or there were too many wrong attempts.
    """
    verification_id = request.verification_uuid
    verification = _find(context, verification_id)
    if verification is None:
        raise _wrong_code()
    if verification.wrong >= MAX_WRONG_ATTEMPTS:
        raise _too_many_attempts()
    throttling.check(context, verification.email, Factor.EMAIL)
    digest = _digest(context, verification_id, request.verification_token.reveal())
    if not hmac.compare_digest(verification.digest, digest):
        context.db.execute("UPDATE email_verifications SET wrong = wrong + 1 WHERE id = ?", verification_id)
        throttling.record_failure(context, verification.email, Factor.EMAIL)
        raise _wrong_code(commits=True)
    # It has expired now, so the next cleanup deletes it and its mail.
    context.db.execute("UPDATE email_verifications SET expires_at = ? WHERE id = ?", context.db.now, verification_id)
    context.service.outbox.expire_sign_in_code(context.db, verification_id)
    throttling.record_success(context, verification.email, Factor.EMAIL)
    return verification.email


def _digest(context: RequestContext, verification_id: str, code: str) -> bytes:
    return context.service.keys.digest("email code", verification_id.encode(), code.encode())


def _wrong_code(*, commits: bool = False) -> RefusalError:
    return RefusalError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The e-mail code is wrong, has been used, or has expired.",
        code=ErrorCode.WRONG_EMAIL_VERIFICATION_TOKEN,
        commits=commits,
    )


def _too_many_attempts() -> RefusalError:
    return RefusalError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Too many wrong e-mail codes. Request a new one.",
        code=ErrorCode.TOO_MANY_EMAIL_VERIFICATION_ATTEMPTS,
    )
