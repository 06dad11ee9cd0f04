"""The client of Dynamic's SDK API: one method a call, named as the vendor's SDK names it."""

import secrets
import string
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self, TypedDict
from urllib.parse import quote

import httpx
import msgspec
from msgspec import UNSET

from mfa_tui import __version__, log, sanitize
from mfa_tui.client import endpoints, refusals
from mfa_tui.client.endpoints import Endpoint, Response
from mfa_tui.client.errors import ApiError, NotSentError, OutcomeUnknownError
from mfa_tui.client.step_up import NO_STEP_UP_TOKENS, StepUpTokens
from mfa_tui.log import Event, RequestId
from mfa_tui.protocol import codec, models
from mfa_tui.redaction import Secret

MAX_BODY_BYTES = 1024 * 1024
"""The most that is read of an answer, in bytes: settings, the largest one, take some tens of kilobytes."""

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
"""Seconds."""

_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class DynamicClient:
    """Speaks to one environment of the API, over the transport that it is handed.

    Each method returns when the call is done, and raises otherwise: `NotSentError`, `RefusedError` or one of its
    subclasses, or `OutcomeUnknownError`. It keeps no session: each call is handed its token.

    Args:
        transport: How requests travel; closed with the client.
        api_url: The base URL, up to and with `/api/v0`.
        environment_id: The environment, a lower-case UUID; it may be changed while no call is under way.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, api_url: str, environment_id: str) -> None:
        self.environment_id = environment_id
        self.clock_skew: float | None = None
        """How far the service's clock is ahead of this machine's, in seconds, as of its last answer with a date."""
        self._http = httpx.AsyncClient(
            transport=transport,
            base_url=api_url,
            headers={models.VERSION_HEADER: f"mfa-tui/{__version__}"},
            timeout=TIMEOUT,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def get_settings(self) -> models.ProjectSettings:
        """Return how the environment is set. Takes no session."""
        return await self._send(endpoints.SETTINGS)

    async def create_email_verification(self, email: str) -> models.EmailVerification:
        """Have a six-digit code sent to an address."""
        return await self._send(endpoints.CREATE_EMAIL_VERIFICATION, body=models.CreateEmailVerification(email=email))

    async def retry_email_verification(self, verification: models.EmailVerification) -> models.EmailVerification:
        """Have a new code sent for the same verification."""
        body = models.RetryEmailVerification(email=verification.email, verification_uuid=verification.verification_uuid)
        return await self._send(endpoints.RETRY_EMAIL_VERIFICATION, body=body)

    async def sign_in_with_email(self, verification_uuid: str, code: Secret) -> models.VerifyResponse:
        """Sign in with the code from the mail."""
        body = models.SignInWithEmail(verification_uuid=verification_uuid, verification_token=code)
        return await self._send(endpoints.SIGN_IN_WITH_EMAIL, body=body)

    async def get_user(self, token: Secret) -> models.SdkUser:
        """Return whose session it is."""
        return await self._send(endpoints.USER, token)

    async def refresh(self, token: Secret) -> models.VerifyResponse:
        """Return a later token for a session that is still valid."""
        return await self._send(endpoints.REFRESH, token)

    async def revoke(self, token: Secret) -> None:
        """End the session."""
        await self._send(endpoints.REVOKE, token, headers={"x-dyn-logout-reason": "user-intent"})

    async def get_mfa_recovery_codes(self, token: Secret) -> models.RecoveryCodes:
        """Return the set of recovery codes; the service makes one where there is none."""
        return await self._send(endpoints.GET_RECOVERY_CODES, token)

    async def create_new_mfa_recovery_codes(self, token: Secret) -> models.RecoveryCodes:
        """Rotate: make a new set. Every unused code of the old one is dead at once."""
        return await self._send(endpoints.CREATE_NEW_RECOVERY_CODES, token)

    async def authenticate_mfa_recovery_code(
        self, token: Secret, code: Secret, *, step_up_for: tuple[str, ...] = ()
    ) -> models.VerifyResponse:
        """Use an unused recovery code, which is spent by it: to finish the pending challenge, or to step up.

        `step_up_for` names the scopes of the elevated token that is wanted with the answer, if any.
        """
        body = models.AuthenticateRecoveryCode(code=code, **_wanted(step_up_for))
        return await self._send(endpoints.AUTHENTICATE_RECOVERY_CODE, token, body)

    async def authenticate_totp_mfa_device(
        self, token: Secret, code: Secret, *, device_id: str | None = None, step_up_for: tuple[str, ...] = ()
    ) -> models.VerifyResponse:
        """Use a code of an authenticator app, the default one unless named; this also confirms a new one."""
        named = UNSET if device_id is None else device_id
        body = models.AuthenticateTotp(code=code, id=named, **_wanted(step_up_for))
        return await self._send(endpoints.AUTHENTICATE_TOTP, token, body)

    async def acknowledge_recovery_codes(
        self, token: Secret, step_up: StepUpTokens = NO_STEP_UP_TOKENS
    ) -> models.VerifyResponse:
        """Say that the person has saved the codes."""
        body = models.UpdateUser(mfa_backup_code_acknowledgement="complete")
        return await self._send(endpoints.ACKNOWLEDGE_RECOVERY_CODES, token, body, headers=step_up.headers())

    async def get_mfa_methods(self, token: Secret) -> models.MfaMethods:
        """Return the verified factors of the user."""
        return await self._send(endpoints.METHODS, token)

    async def get_mfa_devices(self, token: Secret) -> models.MfaDevices:
        """Return the factors that the user has registered, verified or not."""
        return await self._send(endpoints.DEVICES, token)

    async def register_totp_mfa_device(
        self, token: Secret, step_up: StepUpTokens = NO_STEP_UP_TOKENS
    ) -> models.TotpRegistration:
        """Register an authenticator app; its first code confirms it."""
        return await self._send(endpoints.REGISTER_TOTP, token, headers=step_up.headers())

    async def set_default_mfa_device(self, token: Secret, device_id: str) -> None:
        """Make this the factor that is asked for first."""
        await self._send(endpoints.SET_DEFAULT_DEVICE, token, device_id=device_id)

    async def delete_mfa_device(self, token: Secret, device_id: str, step_up: StepUpTokens = NO_STEP_UP_TOKENS) -> None:
        """Remove a factor. Takes a step-up."""
        await self._send(endpoints.DELETE_DEVICE, token, device_id=device_id, headers=step_up.headers())

    async def _send(
        self,
        call: Endpoint[Response],
        token: Secret | None = None,
        body: models.Request | None = None,
        *,
        device_id: str = "",
        headers: dict[str, str] | None = None,
    ) -> Response:
        request_id = _new_request_id()
        path = f"/sdk/{self.environment_id}{call.path.format(quote(device_id, safe=''))}"
        began = time.monotonic()
        outcome: type[ApiError] | None = None
        try:
            return await self._exchange(
                call, path, token, body, {models.REQUEST_ID_HEADER: request_id, **(headers or {})}
            )
        except ApiError as error:
            error.request_id = request_id
            outcome = type(error)
            raise
        finally:
            log.note(
                Event.CALL,
                RequestId(request_id),
                reads=call.method == "GET",
                reply=call.reply,
                error=outcome,
                seconds=time.monotonic() - began,
            )

    async def _exchange(
        self,
        call: Endpoint[Response],
        path: str,
        token: Secret | None,
        body: models.Request | None,
        headers: dict[str, str],
    ) -> Response:
        content = b""
        if token is not None:
            headers["authorization"] = f"Bearer {token.reveal()}"
        if body is not None:
            headers["content-type"] = "application/json"
            content = codec.encode(body)
        try:
            async with self._http.stream(call.method, path, headers=headers, content=content) as response:
                raw = await _read(response)
        except _NEVER_LEFT:
            raise NotSentError from None
        except (httpx.HTTPError, _BodyTooLarge):
            raise OutcomeUnknownError(call.at_stake, call.then) from None
        self._http.cookies.clear()  # a session is its token: no cookie may outlive it
        self.clock_skew = _clock_skew(response.headers.get("date"))
        if not response.is_success:
            raise refusals.refusal_of(response.status_code, response.headers, raw, call)
        return _decode(raw, call)


class _Wanted(TypedDict, total=False):
    """The fields of a factor call that ask for the tokens of a step-up."""

    create_mfa_token: models.MfaTokenRequest
    requested_scopes: tuple[str, ...]


class _BodyTooLarge(Exception):
    """An answer goes on beyond `LARGEST_BODY`."""


async def _read(response: httpx.Response) -> bytes:
    raw = bytearray()
    async for chunk in response.aiter_bytes():
        raw += chunk
        if len(raw) > MAX_BODY_BYTES:
            raise _BodyTooLarge
    return bytes(raw)


def _decode(raw: bytes, call: Endpoint[Response]) -> Response:
    """Return the answer, cleaned and of its type; one that is neither means that the outcome is unknown.

    Where none is expected, an empty one or any JSON will do, but not the login page of a network.
    """
    try:
        tree = sanitize.clean_tree(msgspec.json.decode(raw)) if raw.strip() else None
        return call.reply() if call.reply is type(None) else codec.convert(tree, call.reply)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise OutcomeUnknownError(call.at_stake, call.then) from None


def _wanted(step_up_for: tuple[str, ...]) -> _Wanted:
    """Return what asks a factor call for the tokens of a step-up, each for one action."""
    if not step_up_for:
        return {}
    return {"create_mfa_token": models.MfaTokenRequest(single_use=True), "requested_scopes": step_up_for}


def _clock_skew(date: str | None) -> float | None:
    try:
        return (parsedate_to_datetime(date or "") - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):  # no date, or one without a zone
        return None


def _new_request_id() -> str:
    """Return 50 random alphanumerics, as the vendor's SDK sends."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(50))
