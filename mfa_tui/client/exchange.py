"""The exchange of requests and responses: it is bounded, and repeats a request only if that is safe."""

import asyncio
import ssl
from contextlib import aclosing
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx
import msgspec

from mfa_tui import __version__, log, sanitize
from mfa_tui.client import headers as http_headers
from mfa_tui.client.endpoints import Endpoint, Response
from mfa_tui.client.error_responses import raise_for_response
from mfa_tui.client.errors import (
    ApiError,
    InvalidCodeError,
    NotSentError,
    OutcomeUnknownError,
    RecoveryCodesChangedError,
    RefusedError,
    RequestCancelledError,
    TlsError,
)
from mfa_tui.client.pending import PendingRequest
from mfa_tui.log import Event, RequestId
from mfa_tui.protocol import codec, models
from mfa_tui.redaction import Secret
from mfa_tui.timing import DEFAULT_TIMING, Timing

MAX_BODY_BYTES = 1024 * 1024
"""The largest response that is read, in bytes: settings, the largest one, take some tens of kilobytes."""

_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class ClientBase:
    """Sends requests to one environment of the API, and reads the responses.

    Args:
        transport: The transport of its requests, which the client closes.
        api_url: The base URL, up to and with `/api/v0`.
        environment_id: The environment, a lower-case UUID; it may be changed if no request is pending.
        timing: How long a request may take.
    """

    def __init__(
        self, transport: httpx.AsyncBaseTransport, api_url: str, environment_id: str, timing: Timing = DEFAULT_TIMING
    ) -> None:
        self.environment_id = environment_id
        self.clock_skew: float | None = None
        """How far the service's clock is ahead of this machine's, in seconds, by the last response; None if unknown."""
        self.pending: list[PendingRequest] = []
        """The requests that have no response yet, the oldest one first."""
        self._is_idempotent = False
        self._timeout = timing.request_timeout
        self._http = httpx.AsyncClient(
            transport=transport,
            base_url=api_url,
            headers={
                models.VERSION_HEADER: f"mfa-tui/{__version__}",
                "accept-encoding": "identity",  # compressed, a small response can need all of the memory
                "connection": "close",
            },
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # a session is its token
            timeout=httpx.Timeout(timing.request_timeout, connect=timing.connect_timeout),
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def _send(
        self,
        endpoint: Endpoint[Response],
        token: Secret | None = None,
        body: models.Request | None = None,
        *,
        resource_id: str = "",
        headers: dict[str, str] | None = None,
    ) -> Response:
        request_id = http_headers.new_request_id()
        path = f"/sdk/{self.environment_id}{endpoint.path.format(quote(resource_id, safe=''))}"
        headers = {models.REQUEST_ID_HEADER: request_id, **(headers or {})}
        content = b""
        if token is not None:
            headers["authorization"] = f"Bearer {token.reveal()}"
        if body is not None:
            headers["content-type"] = "application/json"
            content = codec.encode(body)
        deadline = asyncio.timeout(self._timeout)
        pending = PendingRequest(endpoint.operation, deadline)
        request = self._http.build_request(
            endpoint.method, path, headers=headers, content=content, extensions={"trace": pending.trace}
        )
        error_type: type[ApiError] | None = None
        self.pending.append(pending)
        try:
            async with deadline:
                return await self._exchange_once(endpoint, request_id, request)
        except TimeoutError:
            if pending.is_cancelled:
                error_type = RequestCancelledError
                raise RequestCancelledError(request_id=request_id) from None
            error_type = OutcomeUnknownError
            raise OutcomeUnknownError(endpoint.operation, waited=pending.seconds, request_id=request_id) from None
        except ApiError as error:
            error_type = type(error)
            raise
        finally:
            self.pending.remove(pending)
            log.note(
                Event.CALL,
                RequestId(request_id),
                reads=endpoint.method == "GET",
                reply=endpoint.response,
                error=error_type,
                seconds=pending.seconds,
            )

    async def _exchange_once(self, endpoint: Endpoint[Response], request_id: str, request: httpx.Request) -> Response:
        """Send a request whose change happens at most once.

        After an unknown outcome, a changing request of a session is sent again if the service is idempotent: it answers
        with the response to the first request, if that has arrived. Any other request is never repeated.
        """
        try:
            return await self._exchange(endpoint, request_id, request)
        except OutcomeUnknownError:
            if endpoint.method == "GET" or "authorization" not in request.headers or not self._is_idempotent:
                raise
        try:
            return await self._exchange(endpoint, request_id, request)
        except (InvalidCodeError, RecoveryCodesChangedError):
            raise  # the service refuses the first request too, if it is still under way
        except (NotSentError, RefusedError):
            raise OutcomeUnknownError(endpoint.operation, request_id=request_id) from None

    async def _exchange(self, endpoint: Endpoint[Response], request_id: str, request: httpx.Request) -> Response:
        try:
            async with aclosing(await self._http.send(request, stream=True)) as response:
                raw = await _read(response)
        except _NEVER_LEFT as error:
            raise (TlsError if _is_tls_failure(error) else NotSentError)(request_id=request_id) from None
        except httpx.TimeoutException:
            raise OutcomeUnknownError(endpoint.operation, waited=self._timeout, request_id=request_id) from None
        except (httpx.HTTPError, _UnusableBodyError):
            raise OutcomeUnknownError(endpoint.operation, request_id=request_id) from None
        self.clock_skew = http_headers.clock_skew(response.headers)
        self._is_idempotent |= models.IDEMPOTENCY_HEADER in response.headers
        if not response.is_success:
            raise_for_response(response, raw, endpoint, request_id, self.clock_skew)
        try:
            return _decode(raw, endpoint.response)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise OutcomeUnknownError(endpoint.operation, status=response.status_code, request_id=request_id) from None


class _UnusableBodyError(Exception):
    """A response is larger than `MAX_BODY_BYTES`, or compressed, which was not asked for."""


async def _read(response: httpx.Response) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise _UnusableBodyError
    raw = bytearray()
    async for chunk in response.aiter_bytes():
        raw += chunk
        if len(raw) > MAX_BODY_BYTES:
            raise _UnusableBodyError
    return bytes(raw)


def _is_tls_failure(error: BaseException | None) -> bool:
    """Return whether the connection failed because TLS did, which httpx keeps as the context."""
    return error is not None and (isinstance(error, ssl.SSLError) or _is_tls_failure(error.__context__))


def _decode(raw: bytes, kind: type[Response]) -> Response:
    """Return the response's body, sanitized and of its type.

    If the type is None's, an empty body or any JSON will do, but not the login page of a network.
    """
    tree = sanitize.clean_tree(msgspec.json.decode(raw)) if raw.strip() else None
    return kind() if kind is type(None) else codec.convert(tree, kind)
