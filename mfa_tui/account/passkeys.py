"""The passkeys of an account."""

import asyncio
import getpass
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

from mfa_tui import sanitize
from mfa_tui.account.challenge import STEP_UP_SCOPES
from mfa_tui.account.devices import DeviceMethods
from mfa_tui.account.errors import (
    HandoffDeclinedError,
    HandoffExpiredError,
    HandoffReopenedError,
    PasskeyOfWebAppError,
)
from mfa_tui.client.errors import ApiError, NotSentError, OutcomeUnknownError, RefusedError
from mfa_tui.errors import MfaTuiError
from mfa_tui.protocol import models
from mfa_tui.protocol.handoffs import Ceremony, CreateHandoff, Handoff, HandoffProgress, HandoffState, Outcome
from mfa_tui.protocol.passkeys import AuthenticatePasskey, CreationOptions, RegisterPasskey, RequestOptions
from mfa_tui.protocol.user import VerifyResponse

MAX_NAME_LENGTH = 64
"""Characters of a passkey's name. Source: the built-in service; the vendor documents no limit."""

_MAX_TERMINAL_NAME = 80

_NO_SUCH_ENDPOINT = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}


class PasskeyMethods(DeviceMethods):
    """The operations of an account that list, rename and remove passkeys, and send the data that one has signed."""

    async def get_passkeys(self) -> tuple[models.UserPasskey, ...]:
        """Return the user's passkeys; none if the service has no passkeys.

        Raises:
            ApiError: The service refused, or did not respond.
        """
        try:
            return (await self._client.get_passkeys(self._token)).passkeys
        except RefusedError as error:
            if error.status not in _NO_SUCH_ENDPOINT | {HTTPStatus.NOT_IMPLEMENTED}:
                raise
            return ()

    async def rename_passkey(self, passkey: models.UserPasskey, name: str) -> None:
        """Give a passkey another name; an empty one removes its name.

        Raises:
            ApiError: The service refused, or did not respond.
        """
        await self._client.rename_passkey(self._token, passkey.id, sanitize.one_line(name.strip(), MAX_NAME_LENGTH))

    async def delete_passkey(self, passkey: models.UserPasskey) -> None:
        """Remove a passkey.

        Raises:
            StepUpRequiredError: This needs a step-up.
            ApiError: The service refused, or did not respond.
        """
        with self._consume_step_up_tokens() as tokens:
            await self._client.delete_passkey(self._token, passkey.id, tokens)

    @property
    def passkey_origin(self) -> str:
        """The origin for passkeys of a security key in this machine; a page of it needs no server."""
        url = urlsplit(self._profile.api_url)
        return f"https://{url.netloc}" if url.scheme == "https" else "http://localhost"

    async def get_passkey_creation_options(self) -> CreationOptions:
        """Return the options for the creation of a passkey on a security key.

        Raises:
            PasskeyOfWebAppError: The passkeys of the environment belong to another domain.
            ApiError: The service refused, or did not respond.
        """
        options = await self._client.get_passkey_creation_options(self._token, self.passkey_origin)
        self._check_domain(options.rp.id)
        return options

    async def get_passkey_request_options(self) -> RequestOptions:
        """Return the options for the use of a passkey on a security key.

        Raises:
            PasskeyOfWebAppError: The passkeys of the environment belong to another domain.
            ApiError: The service refused, or did not respond.
        """
        options = await self._client.get_passkey_request_options(self._token, self.passkey_origin)
        self._check_domain(options.rp_id)
        return options

    def _check_domain(self, domain: str) -> None:
        if domain != urlsplit(self.passkey_origin).hostname:
            raise PasskeyOfWebAppError

    async def register_passkey(self, created: RegisterPasskey) -> None:
        """Register a passkey that an authenticator has created; this also completes a pending challenge.

        Raises:
            ApiError: The service refused, or did not respond.
        """
        await self._apply_response(await self._register(created))

    async def authenticate_passkey_mfa(self, used: AuthenticatePasskey, *, step_up: bool = False) -> None:
        """Complete the pending challenge with a passkey, or step up with one.

        Args:
            used: The data that the passkey has signed.
            step_up: Whether to get tokens for a protected action instead of completing a challenge.

        Raises:
            InvalidPasskeyError: It is of another account, or was removed or copied.
            ApiError: The service refused, or did not respond.
        """
        await self._apply_response(await self._authenticate(used, step_up=step_up))

    async def hand_off(
        self,
        ceremony: Ceremony,
        show: Callable[[Handoff, Callable[[], Awaitable[HandoffProgress]]], Awaitable[HandoffProgress | None]],
        *,
        step_up: bool = False,
    ) -> bool:
        """Have a browser create or use a passkey, and send what it has signed; return whether that was done.

        Args:
            ceremony: Whether it creates a passkey or uses one.
            show: Shows the link to the user, calls the function that waits for the browser, and returns its result;
                None if the user goes back.
            step_up: Whether to get tokens for a protected action instead of completing a challenge.

        Raises:
            PasskeyOfWebAppError: The service has no hand-offs: it is a hosted one.
            StepUpRequiredError: Registering a passkey needs a step-up.
            HandoffDeclinedError: The user of the browser did not see the code of this terminal.
            HandoffReopenedError: The link was opened a second time.
            HandoffExpiredError: No browser has answered in time, or a newer link has replaced this one.
            ApiError: The service refused, or did not respond.
        """
        async with self._serve_pages() as origin:
            handoff = await self._create_handoff(ceremony, origin)
            outcome: Outcome = "abandoned"
            try:
                progress = await show(handoff, partial(self._wait_for_browser, handoff))
                if progress is None:
                    return False
                outcome = "refused"
                if isinstance(progress.created, RegisterPasskey):
                    response = await self._register(progress.created, user_agent=progress.user_agent or "")
                elif isinstance(progress.used, AuthenticatePasskey):
                    response = await self._authenticate(progress.used, step_up=step_up)
                else:
                    raise HandoffExpiredError
                outcome = "accepted"
            finally:
                with suppress(ApiError):
                    await self._client.end_passkey_handoff(self._token, handoff.id, outcome)
        # After the page has heard of it: a front end may end as soon as the challenge is passed.
        await self._apply_response(response)
        return True

    async def _register(self, created: RegisterPasskey, *, user_agent: str = "") -> VerifyResponse:
        with self._consume_step_up_tokens() as tokens:
            return await self._client.register_passkey(self._token, created, tokens, user_agent=user_agent)

    async def _authenticate(self, used: AuthenticatePasskey, *, step_up: bool) -> VerifyResponse:
        scopes = STEP_UP_SCOPES if step_up else ()
        return await self._client.authenticate_passkey_mfa(self._token, used, step_up_for=scopes)

    async def _create_handoff(self, ceremony: Ceremony, origin: str | None) -> Handoff:
        request = CreateHandoff(ceremony=ceremony, terminal=_terminal_name())
        try:
            return await self._client.create_passkey_handoff(self._token, request, origin, self._step_up_tokens)
        except RefusedError as error:
            if error.status in _NO_SUCH_ENDPOINT:
                raise PasskeyOfWebAppError from None
            raise

    async def _wait_for_browser(self, handoff: Handoff) -> HandoffProgress:
        """Return what the passkey has signed. While the service does not respond, it is asked again."""
        deadline = time.monotonic() + handoff.seconds
        failure: MfaTuiError = HandoffExpiredError()
        while time.monotonic() < deadline:
            try:
                progress = await self._client.get_passkey_handoff(self._token, handoff.id)
            except (NotSentError, OutcomeUnknownError) as error:
                failure = error
            else:
                failure = HandoffExpiredError()
                match progress.state:
                    case HandoffState.ANSWERED:
                        return progress
                    case HandoffState.DECLINED:
                        raise HandoffDeclinedError
                    case HandoffState.REOPENED:
                        raise HandoffReopenedError
                    case HandoffState.EXPIRED:
                        break
            await asyncio.sleep(self._timing.handoff_poll)
        raise failure


def _terminal_name() -> str:
    """Return the user and the machine, for the page that asks if this is the user's terminal."""
    name = f"{getpass.getuser()}@{socket.gethostname()}"
    return "".join(symbol if symbol.isascii() and symbol.isprintable() else "?" for symbol in name)[:_MAX_TERMINAL_NAME]
