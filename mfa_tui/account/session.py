"""Who is signed in: taking up a kept session, signing in, signing out."""

import contextlib
import time

from mfa_tui.account.account import Account
from mfa_tui.account.state import State
from mfa_tui.dynamic.errors import DynamicError, NotSignedIn
from mfa_tui.secrecy import Secret


async def resume(account: Account) -> None:
    """Take up the session that was kept, if there is one and the service still takes it.

    Raises:
        DynamicError: The service could not say; other than `NotSignedIn`, which is taken as no session.
        StorageError: The session's file could not be read.
    """
    session = account.sessions.load()
    if session is None or session.expires_at <= time.time():
        return
    try:
        user = await account.client.get_user(session.token)
    except NotSignedIn:
        return
    account.begin(session)
    account.update_user(user)


async def sign_in(account: Account, verification_uuid: str, code: Secret) -> None:
    """Sign in with the code from the mail. The new session may have a challenge pending.

    Raises:
        DynamicError: The service refused the code, or did not answer.
    """
    account.begin_from(await account.client.sign_in_with_email(verification_uuid, code))


async def sign_in_unattended(account: Account) -> None:
    """Sign in where the program can read the mail by itself: send a code, read it, sign in with it.

    Raises:
        NotSignedIn: There is no such mailbox: a person has to sign in.
        DynamicError: The service refused, or did not answer.
    """
    if account.mailbox is None:
        raise NotSignedIn
    verification = await account.client.create_email_verification(account.mailbox.address)
    code = await account.mailbox.code_from(verification.verification_uuid)
    await sign_in(account, verification.verification_uuid, code)


async def give_up(account: Account) -> None:
    """End the session in memory, and at the service if it answers; what was kept on disk stays.

    For a challenge that is not finished: its session is of no more use.
    """
    if account.state.session is not None:
        # Where the service does not answer, the session ends by itself; pending, it can do nothing meanwhile.
        with contextlib.suppress(DynamicError):
            await account.client.revoke(account.token)
        account.become(State())
