"""Signing in, keeping the session alive, and signing out."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec.structs import replace

from mfa_tui import sanitize
from mfa_tui.account.base import AccountBase
from mfa_tui.account.errors import (
    EMAIL_CODE_LENGTH,
    InvalidEmailAddressError,
    InvalidEmailCodeInputError,
    NotRevokedError,
    StepUpDeclinedError,
    UnsupportedSignInError,
)
from mfa_tui.account.state import Stage, State
from mfa_tui.client.errors import ApiError, NotSignedInError, StepUpRequiredError
from mfa_tui.client.headers import NO_STEP_UP_TOKENS
from mfa_tui.errors import ExitCode
from mfa_tui.protocol import codec, models
from mfa_tui.protocol.settings import ProjectSettings
from mfa_tui.redaction import Secret
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.sessions import Session

Result = TypeVar("Result")

RequestStepUp = Callable[[], Awaitable[bool]]
"""Asks the user for a factor and sends it; returns whether that was done."""


class SessionMethods(AccountBase):
    """The operations of an account that start, keep and end its session."""

    async def resume_session(self) -> None:
        """Use the stored session, if one exists for this environment and the service accepts it.

        Refreshes it if more than half of its time is over.

        Raises:
            ApiError: The service did not respond, or refused for another reason than the session.
            StorageError: The session could not be read.
        """
        session = await self._load_session()
        if session is None:
            return
        sign_outs = self._sign_outs
        try:
            user = await self._client.get_user(session.token)
        except NotSignedInError:
            return
        if self._sign_outs != sign_outs:
            return  # the user has signed out meanwhile
        self._resume_session(session)
        await self._update_user(user)
        await self.keep_alive()

    async def get_stored_session(self) -> Session | None:
        """Return the session that is stored on this machine, whether or not it is valid here.

        Raises:
            StorageError: It could not be read.
        """
        return await asyncio.to_thread(self._sessions.load)

    async def keep_alive(self) -> None:
        """Refresh the session if more than half of its time is over; ignore a failure."""
        await self._follow_refresh()
        session = self._state.session
        if session is not None and time.time() > (session.since + session.expires_at) / 2:
            with contextlib.suppress(ApiError):
                response = await self._client.refresh(session.token)
                now = self._state.session
                if now is not None and now.token == session.token:  # the user may have signed out meanwhile
                    await self._apply_response(response)

    async def sign_in(self, verification_uuid: str, code: Secret) -> None:
        """Sign in with the code from the e-mail. The new session may have a challenge pending.

        Args:
            verification_uuid: The verification that `request_email_code` returned.
            code: The six digits; spaces and dashes are removed.

        Raises:
            InvalidEmailCodeInputError: It cannot be a code; not sent, since the service allows three attempts.
            ApiError: The service refused the code, or did not respond.
        """
        digits = sanitize.strip_separators(code.reveal())
        if not (len(digits) == EMAIL_CODE_LENGTH and digits.isascii() and digits.isdigit()):
            raise InvalidEmailCodeInputError
        await self._apply_response(await self._client.sign_in_with_email(verification_uuid, Secret(digits)))

    async def sign_in_automatically(self) -> None:
        """Sign in by reading the e-mail from the program's own mailbox.

        Raises:
            NotSignedInError: The program has no mailbox: the user has to sign in.
            ApiError: The service refused, or did not respond.
        """
        if self._mailbox is None:
            raise NotSignedInError
        verification = await self.send_email_code(self._mailbox.address)
        code = await self._mailbox.code_from(verification.verification_uuid)
        await self.sign_in(verification.verification_uuid, code)

    async def get_settings(self) -> ProjectSettings:
        """Return the settings of the environment. Needs no session.

        Raises:
            ApiError: The environment does not exist, or the service did not respond.
        """
        return await self._client.get_settings()

    async def request_email_code(self, environment_id: str, email: str) -> models.EmailVerification:
        """Select an environment and an e-mail address, and have the service send a six-digit sign-in code.

        Args:
            environment_id: The environment, a lower-case UUID.
            email: The e-mail address of the user.

        Returns:
            The verification: `sign_in` takes its `verification_uuid`.

        Raises:
            InvalidEmailAddressError: The address is invalid; nothing was sent.
            UnsupportedSignInError: The environment requires something that a terminal cannot do; nothing was sent.
            ApiError: The service refused, or did not respond.
        """
        _require_address(email)
        self.select_environment(environment_id, email)
        if obstacles := sign_in_obstacles(await self.get_settings()):
            raise UnsupportedSignInError(obstacles)
        return await self.send_email_code(email)

    def select_environment(self, environment_id: str, email: str) -> None:
        """Use this environment and this e-mail address from now on."""
        self._profile = replace(self._profile, environment_id=environment_id, email=email)
        self._client.environment_id = environment_id

    async def send_email_code(self, email: str) -> models.EmailVerification:
        """Have a six-digit code sent to an e-mail address, for a new verification: its attempts are counted afresh.

        Raises:
            InvalidEmailAddressError: The address is invalid; nothing was sent.
            ApiError: The service refused, or did not respond.
        """
        _require_address(email)
        return await self._client.create_email_verification(email)

    async def abandon_session(self) -> None:
        """Revoke the session because its challenge was not completed; the stored session stays."""
        if self._state.session is not None:
            await self._revoke()
            self._clear()

    async def sign_out(self) -> None:
        """Revoke the current session, or else the stored one, and remove it whether the service responds or not.

        Raises:
            NotRevokedError: The session is removed, but the service may keep it.
            StorageError: The stored session could not be read or removed; the current one stays, and is revoked if
                the service responded.
        """
        if self._state.session is None:
            self._set_state(replace(self._state, session=await self._load_session()))
        session = self._state.session
        revoked = ExitCode.DONE if session is None else await self._revoke()
        async with self._storing:
            await asyncio.to_thread(self._sessions.forget)
            self._clear()
        if session is not None and revoked is not ExitCode.DONE:
            raise NotRevokedError(session.expires_at, revoked)

    async def with_step_up(self, action: Callable[[], Awaitable[Result]], request_step_up: RequestStepUp) -> Result:
        """Run an action; if it is refused for lack of a step-up or a session, get that and run it once more.

        A refusal changed nothing, so running it again is safe. An action that asks the user something wraps its
        request in a `with_step_up` of its own, so that the question is not repeated.

        Raises:
            StepUpDeclinedError: The user gave no factor, or the service did not accept it for this action.
            MfaTuiError: The action failed.
        """
        await self._follow_refresh()
        try:
            return await action()
        except StepUpRequiredError:
            if not await request_step_up():
                raise StepUpDeclinedError from None
        except NotSignedInError:
            if not await self._adopt_stored_session():
                raise
        try:
            return await action()
        except StepUpRequiredError:
            raise StepUpDeclinedError from None

    async def _follow_refresh(self) -> None:
        """Use the token for which another program has refreshed this session.

        A service may retire the token before it, and end the session if that is used again (RFC 9700, section 4.14.2).
        """
        session = self._state.session
        if session is None or self._state.stage is Stage.CHALLENGE_PENDING:
            return
        with contextlib.suppress(StorageError):
            stored = await self._load_session()
            if (
                stored is not None
                and self._state.session is session
                and (stored.user.id, stored.user.session_id) == (session.user.id, session.user.session_id)
                and stored.since > session.since
            ):
                self._resume_session(stored)

    async def _adopt_stored_session(self) -> bool:
        """After the session was refused, use one of the same user that another program stored meanwhile.

        Returns whether there was one that the service accepts.
        """
        refused = self._state.session
        stored = await self._load_session()
        if stored is not None and (
            refused is None or (stored.user.id == refused.user.id and stored.token != refused.token)
        ):
            await self.resume_session()
        if self._state.session is refused:
            self._expire_session()
        return self._state.session is not None

    async def _revoke(self) -> ExitCode:
        """Have the service end the session; return `DONE`, or the exit code of the failure."""
        try:
            async with asyncio.timeout(self._timing.revoke_timeout):
                await self._client.revoke(self._token)
        except NotSignedInError:
            return ExitCode.DONE
        except ApiError as error:
            return error.exit_code
        except TimeoutError:
            return ExitCode.OUTCOME_UNKNOWN
        return ExitCode.DONE

    def _clear(self) -> None:
        self._sign_outs += 1
        self._step_up_tokens = NO_STEP_UP_TOKENS
        self._set_state(State())


async def decline_step_up() -> bool:
    """Give no factor, for what runs in the background or must not ask."""
    return False


def sign_in_obstacles(settings: ProjectSettings) -> list[str]:
    """Return the requirements of an environment's sign-in that a terminal cannot meet, as sentences."""
    found = []
    captcha = settings.security.captcha
    if isinstance(captcha, dict) and captcha.get("enabled") is True:
        found.append("Sign-in here asks for a captcha, which a terminal cannot show.")
    storage = settings.security.auth.storage if settings.security.auth else ()
    if storage and all("cookie" in kind.lower() for kind in storage):
        found.append("Sessions here are kept in a browser's cookies, which a terminal does not have.")
    return found


def _require_address(email: str) -> None:
    if not codec.is_email_address(email):
        raise InvalidEmailAddressError
