"""Signing in with a code that is sent by e-mail: six digits, ten minutes, three tries, one use.

What is answered, and how fast, does not depend on whether the address is known.
"""

import hmac
from http import HTTPStatus

from msgspec import UNSET

from mfa_tui.protocol.error_codes import ErrorCode
from mfa_tui.protocol.models import (
    CREDENTIAL_LINK,
    CreateEmailVerification,
    EmailVerification,
    RetryEmailVerification,
    SignInWithEmail,
    VerifyResponse,
)
from mfa_tui.server import factors, sessions, step_up
from mfa_tui.server.cleanup import cleanup
from mfa_tui.server.context import Factor, IssuedTokens, RequestContext
from mfa_tui.server.refusal import RefusalError, malformed

GOOD_FOR_SECONDS = 600
MOST_WRONG = 3
DIGITS = 6


def create(visit: RequestContext, request: CreateEmailVerification) -> EmailVerification:
    """`POST /emailVerifications/create`: send a code to an address."""
    email = request.email.lower()
    visit.service.limiter.admit_mail(visit.db, email)
    cleanup(visit.db, visit.service.outbox)
    verification_id = visit.service.entropy.uuid()
    visit.db.change(
        "INSERT INTO email_verifications (id, email, digest, expires_at) VALUES (?, ?, ?, ?)",
        verification_id,
        email,
        _send(visit, verification_id, email),
        visit.db.now + GOOD_FOR_SECONDS,
    )
    return EmailVerification(verification_uuid=verification_id, email=email)


def retry(visit: RequestContext, request: RetryEmailVerification) -> EmailVerification:
    """`POST /emailVerifications/retry`: send a new code for the same verification; the one before is dead.

    The wrong tries count on: else whoever has codes sent again and again could guess without an end.
    """
    email = request.email.lower()
    row = visit.db.first(
        "SELECT wrong FROM email_verifications WHERE id = ? AND email = ? AND expires_at > ?",
        request.verification_uuid,
        email,
        visit.db.now,
    )
    if row is None:
        raise _wrong()
    if row[0] >= MOST_WRONG:
        raise _burnt()
    visit.service.limiter.admit_mail(visit.db, email)
    visit.db.change(
        "UPDATE email_verifications SET digest = ?, expires_at = ? WHERE id = ?",
        _send(visit, request.verification_uuid, email),
        visit.db.now + GOOD_FOR_SECONDS,
        request.verification_uuid,
    )
    return EmailVerification(verification_uuid=request.verification_uuid, email=email)


def sign_in(visit: RequestContext, request: SignInWithEmail) -> VerifyResponse | RefusalError:
    """`POST /emailVerifications/signin`: begin a session for the address that the code was sent to.

    An elevated token is given only where no challenge is pending: it would go around the factor.
    """
    email = _spend(visit, request)
    if isinstance(email, RefusalError):
        return email
    session, new = sessions.begin(visit.db, visit.service, email)
    scopes = () if request.requested_scopes is UNSET else request.requested_scopes
    if request.allow_new_mfa_linking is True and CREDENTIAL_LINK not in scopes:
        scopes = (*scopes, CREDENTIAL_LINK)
    visit = visit.made_by(session)
    tokens = IssuedTokens() if session.pending else step_up.granted_scopes(visit, scopes)
    return sessions.signed_in(visit, session, tokens, new_user=new)


def verify(visit: RequestContext, request: SignInWithEmail) -> VerifyResponse | RefusalError:
    """`POST /emailVerifications/verify`: prove the session by e-mail once more.

    The vendor's docs: where the user has a factor, an elevated token is to be had by that factor alone.
    """
    email = _spend(visit, request)
    if isinstance(email, RefusalError):
        return email
    if email != visit.user.email:
        raise malformed("The code was sent to another address than the user's.")
    session = sessions.pass_challenge(visit.db, visit.session, Factor.EMAIL)
    has_factor = factors.has_any(visit.db, visit.user)
    tokens = IssuedTokens() if has_factor else step_up.granted_scopes(visit, request.requested_scopes)
    return sessions.signed_in(visit, session, tokens, next_view="done")


def _send(visit: RequestContext, verification_id: str, email: str) -> bytes:
    """Put a new code into the outbox, and return its digest."""
    code = visit.service.entropy.symbols("0123456789", DIGITS)
    visit.db.publish_after(visit.service.outbox.email_code(email, verification_id, code, visit.db.now))
    return _digest(visit, verification_id, code)


def _spend(visit: RequestContext, request: SignInWithEmail) -> str | RefusalError:
    """Return the address that the right code proves; a wrong one is counted."""
    row = visit.db.first(
        "SELECT email, digest, wrong FROM email_verifications WHERE id = ? AND expires_at > ?",
        request.verification_uuid,
        visit.db.now,
    )
    if row is None:
        return _wrong()
    email, digest, wrong = row
    if wrong >= MOST_WRONG:
        return _burnt()
    if not hmac.compare_digest(digest, _digest(visit, request.verification_uuid, request.verification_token.reveal())):
        visit.db.change("UPDATE email_verifications SET wrong = wrong + 1 WHERE id = ?", request.verification_uuid)
        return _wrong()
    # It is over, and the next sweep removes it with its mail.
    visit.db.change(
        "UPDATE email_verifications SET expires_at = ? WHERE id = ?", visit.db.now, request.verification_uuid
    )
    return str(email)


def _digest(visit: RequestContext, verification_id: str, code: str) -> bytes:
    return visit.service.keys.digest("email code", verification_id.encode(), code.encode())


def _wrong() -> RefusalError:
    return RefusalError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The e-mail code is wrong, was used already, or is over.",
        code=ErrorCode.WRONG_EMAIL_VERIFICATION_TOKEN,
    )


def _burnt() -> RefusalError:
    return RefusalError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Too many wrong e-mail codes: ask for a new one.",
        code=ErrorCode.TOO_MANY_EMAIL_VERIFICATION_ATTEMPTS,
    )
