"""Who is signed in: taking up a kept session, signing in, keeping it alive, signing out."""

import contextlib
import time
from asyncio import timeout
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.state import State
from mfa_tui.client.errors import ApiError, EmailCodeExhaustedError, NotSignedInError
from mfa_tui.client.headers import NO_STEP_UP_TOKENS
from mfa_tui.errors import ExitCode, MfaTuiError, UsageError
from mfa_tui.protocol import codec, models
from mfa_tui.protocol.settings import ProjectSettings
from mfa_tui.redaction import Secret
from mfa_tui.storage.sessions import Session

REVOKE_TIMEOUT = 3
"""Seconds that the service gets to hear of the end of a session."""


MAIL_CODE_LENGTH = 6
"""Digits in the code from the mail. Source: the vendor's docs."""


class CannotSignInError(MfaTuiError):
    """An environment's sign-in asks for what a terminal cannot do.

    Args:
        obstacles: What that is, as sentences.
    """

    def __init__(self, obstacles: Sequence[str]) -> None:
        super().__init__(
            " ".join(obstacles),
            impact="Your codes are as they were.",
            hint="Sign in there with a browser instead.",
        )


class NotAnAddressError(UsageError):
    """What was given cannot be an e-mail address; nothing was sent."""

    def __init__(self) -> None:
        super().__init__("That is not an e-mail address.", hint="Type it whole, such as me@example.org.")


class NotAMailCodeError(MfaTuiError):
    """What was typed cannot be the code from a mail; it was not sent."""

    def __init__(self) -> None:
        super().__init__(
            f"The code from the mail has {MAIL_CODE_LENGTH} digits and nothing else; this is another text.",
            impact="It was not sent: no try is used up by it.",
            hint="Type the code as it stands in the newest mail.",
        )


class NotRevokedError(MfaTuiError):
    """A session is forgotten here, and the service did not take it that it is to end.

    Args:
        expires_at: When it ends by itself, in unix seconds.
    """

    exit_code = ExitCode.NOT_REACHED

    def __init__(self, expires_at: int) -> None:
        ends = datetime.fromtimestamp(expires_at, UTC)
        super().__init__(
            "Signed out on this machine, which holds no session any more; but the service was not reached.",
            impact=f"The session may live there until {ends:%Y-%m-%d %H:%M} UTC; your codes are as they were.",
            hint="It ends by itself then.",
        )


async def resume(account: Account) -> None:
    """Take up the session that was kept, if there is one, it is for this environment, and the service takes it.

    One that is past half its time is refreshed.

    Raises:
        ApiError: The service could not say; other than `NotSignedInError`, which is taken as no session.
        StorageError: The session's file could not be read.
    """
    session = _kept(account)
    if session is None:
        return
    try:
        user = await account.client.get_user(session.token)
    except NotSignedInError:
        return
    account.take_up(session)
    account.update_user(user)
    await keep_alive(account)


async def keep_alive(account: Account) -> None:
    """Refresh a session that is past half its time; one that cannot be refreshed now goes on as it is."""
    session = account.state.session
    if session is not None and time.time() > (session.since + session.expires_at) / 2:
        with contextlib.suppress(ApiError):
            answer = await account.client.refresh(session.token)
            if account.state.session is session:  # and was not signed out of, say, meanwhile
                account.begin_from(answer)


async def take_over(account: Account) -> bool:
    """After a refusal for want of a session: take up one of the same user that another program has kept meanwhile.

    Returns whether there was another session, which the service takes.
    """
    held = account.state.session
    kept = _kept(account)
    if kept is not None and (held is None or (kept.user.id == held.user.id and kept.token != held.token)):
        await resume(account)
    if account.state.session is held:
        account.end()
    return account.state.session is not None


async def read_settings(account: Account) -> ProjectSettings:
    """Return how the environment is set. Takes no session.

    Raises:
        ApiError: There is no such environment, or the service did not answer.
    """
    return await account.client.get_settings()


def obstacles(settings: ProjectSettings) -> list[str]:
    """Return what of the environment's settings a terminal cannot do, as sentences; empty where all is well."""
    found = []
    if (settings.security.captcha or {}).get("enabled") is True:
        found.append("Sign-in here asks for a captcha, which a terminal cannot show.")
    storage = settings.security.auth.storage if settings.security.auth else ()
    if storage and all("cookie" in kind.lower() for kind in storage):
        found.append("Sessions here are kept in a browser's cookies, which a terminal does not have.")
    return found


def choose_environment(account: Account, environment_id: str, email: str) -> None:
    """Make this environment, and this address in it, the account's."""
    account.profile = replace(account.profile, environment_id=environment_id, email=email)
    account.client.environment_id = environment_id


async def send_code(account: Account, email: str) -> models.EmailVerification:
    """Have a six-digit code sent to an address.

    Raises:
        NotAnAddressError: It is none; nothing was sent.
        ApiError: The service refused, or did not answer.
    """
    _require_address(email)
    return await account.client.create_email_verification(email)


async def resend_code(account: Account, verification: models.EmailVerification) -> models.EmailVerification:
    """Have a new code sent for the same verification, or for another one where that was tried too often.

    Raises:
        ApiError: The service refused, or did not answer.
    """
    try:
        return await account.client.retry_email_verification(verification)
    except EmailCodeExhaustedError:
        return await send_code(account, verification.email)


async def sign_in(account: Account, verification_uuid: str, code: Secret) -> None:
    """Sign in with the code from the mail, without the spaces and dashes that it was typed with.

    The new session may have a challenge pending.

    Raises:
        NotAMailCodeError: It cannot be one; nothing was sent, since the service takes three tries only.
        ApiError: The service refused the code, or did not answer.
    """
    joined = sanitize.strip_separators(code.reveal())
    if not (len(joined) == MAIL_CODE_LENGTH and joined.isascii() and joined.isdigit()):
        raise NotAMailCodeError
    account.begin_from(await account.client.sign_in_with_email(verification_uuid, Secret(joined)))


async def sign_in_unattended(account: Account) -> None:
    """Sign in where the program can read the mail by itself: send a code, read it, sign in with it.

    Raises:
        NotSignedInError: There is no such mailbox: a person has to sign in.
        ApiError: The service refused, or did not answer.
    """
    if account.mailbox is None:
        raise NotSignedInError
    verification = await send_code(account, account.mailbox.address)
    code = await account.mailbox.code_from(verification.verification_uuid)
    await sign_in(account, verification.verification_uuid, code)


async def give_up(account: Account) -> None:
    """End the session in memory, and at the service if it answers; what was kept on disk stays.

    For a challenge that is not finished: its session is of no more use.
    """
    if account.state.session is not None:
        await _revoke(account)
        _leave(account)


async def sign_out(account: Account) -> NotRevokedError | None:
    """Revoke the session that is held, or else kept, then forget it, whatever the network does.

    Returns what to tell where the service may hold it still; None where it does not.

    Raises:
        StorageError: The session's file could not be read or removed, and the session is held still; where the
            service answered, it is revoked.
    """
    if account.state.session is None:
        account.become(replace(account.state, session=_kept(account)))
    session = account.state.session
    is_revoked = session is None or await _revoke(account)
    account.sessions.forget()
    _leave(account)
    return None if session is None or is_revoked else NotRevokedError(session.expires_at)


async def request_code(account: Account, environment_id: str, email: str) -> models.EmailVerification:
    """Have a code sent to an address in an environment, which are the account's from then on.

    Raises:
        NotAnAddressError: It is none; nothing was sent.
        CannotSignInError: The environment asks for what a terminal cannot do; nothing was sent.
        ApiError: The service refused, or did not answer.
    """
    _require_address(email)
    choose_environment(account, environment_id, email)
    found = obstacles(await read_settings(account))
    if found:
        raise CannotSignInError(found)
    return await send_code(account, email)


def _require_address(email: str) -> None:
    if not codec.is_email_address(email):
        raise NotAnAddressError


async def _revoke(account: Account) -> bool:
    """Have the service end the session; return whether it has. Where it does not answer, that ends by itself."""
    try:
        async with timeout(REVOKE_TIMEOUT):
            await account.client.revoke(account.token)
    except NotSignedInError:
        return True
    except (ApiError, TimeoutError):
        return False
    return True


def _leave(account: Account) -> None:
    account.step_up = NO_STEP_UP_TOKENS
    account.become(State())


def _kept(account: Account) -> Session | None:
    session = account.sessions.load()
    if session is None or session.expires_at <= time.time():
        return None
    here = (account.profile.api_url, account.client.environment_id)
    return session if (session.api_url, session.environment_id) == here else None
