"""Every request has one of four outcomes: done, refused, not sent, or unknown if the response is lost."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from mfa_tui.client import errors
from mfa_tui.client.client import DynamicClient
from mfa_tui.client.exchange import MAX_BODY_BYTES
from mfa_tui.protocol import models
from mfa_tui.redaction import Secret

TOKEN = Secret("a.token.x")
ENVIRONMENT = "b4c1e6a2-0000-4000-8000-000000000000"
CODES = {"count": 2, "recoveryCodes": ["ABCDEFGHIJ", "KLMNOPQRST"]}
USER = {"id": "u1", "projectEnvironmentId": ENVIRONMENT, "verifiedCredentials": []}
VERIFIED = {"user": USER, "expiresAt": 1_800_000_000, "minifiedJwt": "new.token.x"}

Handler = Callable[[httpx.Request], httpx.Response]
Ask = Callable[[DynamicClient], Coroutine[Any, Any, object]]


def client_of(handler: Handler) -> DynamicClient:
    """A client of which the handler responds to every request."""
    return DynamicClient(httpx.MockTransport(handler), "https://service.test/api/v0", ENVIRONMENT)


def answering(status: int, body: object = None, **headers: str) -> Handler:
    """A handler that responds with a status, a body, as JSON unless it is bytes, and headers."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(status, content=content, headers=names)


def failing(error: type[httpx.TransportError]) -> Handler:
    """A handler that raises an error of the transport, with a URL in its message."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise error("https://service.test/secret", request=request)

    return fail


def rotate(client: DynamicClient) -> Coroutine[Any, Any, object]:
    return client.create_new_mfa_recovery_codes(TOKEN)


def use(client: DynamicClient) -> Coroutine[Any, Any, object]:
    return client.authenticate_mfa_recovery_code(TOKEN, Secret("ABCDEFGHIJ"))


CALLS: dict[str, tuple[Ask, str, object, object]] = {
    "settings": (lambda c: c.get_settings(), "GET /settings", None, {"general": {}}),
    "send code": (
        lambda c: c.create_email_verification("a@b.test"),
        "POST /emailVerifications/create",
        {"email": "a@b.test"},
        {"verificationUUID": "v1", "email": "a@b.test"},
    ),
    "sign in": (
        lambda c: c.sign_in_with_email("v1", Secret("123456")),
        "POST /emailVerifications/signin",
        {"verificationUUID": "v1", "verificationToken": "123456"},
        VERIFIED,
    ),
    "user": (lambda c: c.get_user(TOKEN), "GET /users", None, USER),
    "refresh": (lambda c: c.refresh(TOKEN), "POST /refresh", None, VERIFIED),
    "read": (lambda c: c.get_mfa_recovery_codes(TOKEN), "GET /users/mfa/recovery", None, CODES),
    "rotate": (rotate, "POST /users/mfa/recovery", None, CODES),
    "use": (use, "POST /users/mfa/auth/recovery", {"code": "ABCDEFGHIJ"}, VERIFIED),
    "acknowledge": (
        lambda c: c.acknowledge_recovery_codes(TOKEN),
        "PUT /users",
        {"mfaBackupCodeAcknowledgement": "complete"},
        VERIFIED | {"nextView": "done"},
    ),
}


@pytest.mark.parametrize(("ask", "line", "body", "reply"), CALLS.values(), ids=CALLS)
async def test_each_method_sends_the_request_of_the_vendors_sdk(
    ask: Ask, line: str, body: object, reply: object
) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=reply)

    async with client_of(answer) as client:
        await ask(client)
    (request,) = seen
    path = request.url.path.removeprefix(f"/api/v0/sdk/{ENVIRONMENT}")
    assert f"{request.method} {path}" == line
    assert (json.loads(request.content) if request.content else None) == body
    assert len(request.headers["x-dyn-request-id"]) == 50
    assert request.headers["x-dyn-version"].startswith("mfa-tui/")


async def test_revoke_sends_the_reason_and_accepts_an_empty_body() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    async with client_of(answer) as client:
        await client.revoke(TOKEN)
    assert seen[0].headers["x-dyn-logout-reason"] == "user-intent"
    assert seen[0].headers["authorization"] == "Bearer a.token.x"


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError])
async def test_failed_connection_raises_not_sent(error: type[httpx.TransportError]) -> None:
    async with client_of(failing(error)) as client:
        with pytest.raises(errors.NotSentError):
            await rotate(client)


@pytest.mark.parametrize(
    "handler",
    [
        failing(httpx.ReadTimeout),
        failing(httpx.ReadError),
        failing(httpx.WriteError),
        failing(httpx.RemoteProtocolError),
        answering(500, {"error": "oops"}),
        answering(502, b"<html>bad gateway</html>"),
        answering(408, b"<html>request time-out</html>"),
        answering(499, {"error": "client closed request", "code": "x"}),
        answering(302, b"", location="https://elsewhere.test/"),
        answering(200, b"<html>log in to this network</html>"),
        answering(200, b'{"count": 2, "recoveryCodes": ["ABC'),
        answering(200, {"count": "ten", "recoveryCodes": []}),
        answering(200, {"count": -1, "recoveryCodes": []}),
        answering(200, {"count": 1, "recoveryCodes": [12345]}),
        answering(200, b"[" * 5000 + b"]" * 5000),
        answering(200, b" " * (MAX_BODY_BYTES + 1)),
    ],
)
async def test_lost_or_invalid_response_raises_outcome_unknown(handler: Handler) -> None:
    async with client_of(handler) as client:
        with pytest.raises(errors.OutcomeUnknownError) as caught:
            await rotate(client)
    assert "old codes may have stopped working" in caught.value.impact


REFUSALS = [
    (401, {"error": "no"}, errors.NotSignedInError),
    (422, {"error": "no", "code": "mfa_invalid_code"}, errors.InvalidCodeError),
    (400, {"error": "no", "code": "mfa_invalid_code"}, errors.InvalidCodeError),
    (422, {"error": "no", "code": "mfa_device_not_found"}, errors.DeviceNotFoundError),
    (429, {"error": "slow", "code": "mfa_rate_limited"}, errors.RateLimitedError),
    (429, b"slow down", errors.RateLimitedError),
    (429, {"error": "slow", "code": 17}, errors.RateLimitedError),
    (403, {"error": "Elevated access token required"}, errors.StepUpRequiredError),
    (403, {"error": "no", "code": "requires_additional_auth"}, errors.ChallengePendingError),
    (403, {"error": {"code": "requires_additional_auth", "message": "no"}}, errors.ChallengePendingError),
    (422, {"error": "no", "code": "wrong_email_verification_token"}, errors.WrongEmailCodeError),
    (422, {"error": "no", "code": "too_many_email_verification_attempts"}, errors.EmailCodeExhaustedError),
    (404, {"error": "no", "code": "x"}, errors.UnknownEnvironmentError),
    (409, {"error": "no", "code": "recovery_codes_changed"}, errors.RecoveryCodesChangedError),
    (503, {"error": "no", "code": "storage_failed"}, errors.ServiceStorageError),
    (503, {"error": "no", "code": "storage_full"}, errors.ServiceStorageError),
    (503, {"error": "no", "code": "storage_damaged"}, errors.ServiceStorageError),
    (503, {"error": "no", "code": "storage_missing"}, errors.ServiceStorageError),
    (418, b"\xff\xfe", errors.RefusedError),
]


@pytest.mark.parametrize(("status", "body", "kind"), REFUSALS)
async def test_refusal_is_mapped_by_code_and_then_by_status(
    status: int, body: object, kind: type[errors.RefusedError]
) -> None:
    async with client_of(answering(status, body)) as client:
        with pytest.raises(errors.RefusedError) as caught:
            await use(client)
    assert type(caught.value) is kind
    assert len(caught.value.request_id) == 50


@pytest.mark.parametrize(
    ("code", "cause"),
    [("storage_full", "disk is full"), ("storage_damaged", "damage"), ("storage_missing", "remove")],
)
async def test_failure_of_the_database_is_explained_by_its_cause(code: str, cause: str) -> None:
    async with client_of(answering(503, {"error": "no", "code": code})) as client:
        with pytest.raises(errors.ServiceStorageError, match=cause):
            await use(client)


async def test_other_refusal_quotes_the_sanitized_service_message() -> None:
    async with client_of(answering(400, {"error": "no\x1b]52;c;eA==\x07 \u202ethis\nway"})) as client:
        with pytest.raises(errors.RefusedError, match=r"“no\]52;c;eA== this way”"):
            await use(client)
    async with client_of(answering(400, {"error": "Not this way."})) as client:
        with pytest.raises(errors.RefusedError, match=r"“Not this way”\. Your"):
            await use(client)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("30", 30),
        ("0", 0),
        ("99999999999999", 86_400),
        ("soon", None),
        ("-5", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ],
)
async def test_wait_is_read_from_retry_after(given: str, seconds: int | None) -> None:
    async with client_of(answering(429, {"error": "slow"}, retry_after=given)) as client:
        with pytest.raises(errors.RateLimitedError) as caught:
            await use(client)
    assert caught.value.retry_after == seconds


async def test_error_contains_neither_request_nor_url() -> None:
    for handler in (failing(httpx.ReadTimeout), failing(httpx.ConnectError), answering(422, {"error": "ABCDEFGHIJ"})):
        async with client_of(handler) as client:
            with pytest.raises(errors.ApiError) as caught:
                await use(client)
        error = caught.value
        assert error.__cause__ is None
        assert error.__suppress_context__ or error.__context__ is None
        if not isinstance(error, errors.RefusedError):
            assert "service.test" not in f"{error!r}{error}"


async def test_response_is_sanitized_when_it_is_decoded() -> None:
    dirty = VERIFIED | {"user": USER | {"email": "a\x1b[2J@b.test\u202e", "scope": "x\x07"}}
    async with client_of(answering(200, dirty)) as client:
        answer = await client.refresh(TOKEN)
    assert answer.user.email == "a[2J@b.test"
    assert answer.user.scope == "x"


@pytest.mark.parametrize("field", ["minifiedJwt", "jwt", "mfaToken", "elevatedAccessToken"])
@pytest.mark.parametrize("token", ["t\u00f6ken", "a b", "a\nb", "\u200b\u00e9"])
async def test_token_that_no_header_can_carry_is_refused(field: str, token: str) -> None:
    async with client_of(answering(200, VERIFIED | {field: token})) as client:
        with pytest.raises(errors.OutcomeUnknownError):
            await client.refresh(TOKEN)


async def test_details_have_the_request_id_of_unexplained_errors() -> None:
    for status, body, is_told in [(409, {"error": "no"}, True), (502, b"", True), (401, {"error": "no"}, False)]:
        async with client_of(answering(status, body)) as client:
            with pytest.raises(errors.ApiError) as caught:
                await use(client)
        told = f"request id: {caught.value.request_id}" if is_told else ""
        assert caught.value.details == told


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (502, b"<html>Bad gateway</html>", "The service failed: it responded with error 502."),
        (302, b"", "The response is not the service's"),
        (200, b"<html>Sign in to the network</html>", "The response is not the service's"),
    ],
)
async def test_unusable_response_says_who_may_have_sent_it(status: int, body: bytes, message: str) -> None:
    async with client_of(answering(status, body)) as client:
        with pytest.raises(errors.OutcomeUnknownError, match=message):
            await use(client)


async def test_unknown_fields_of_a_response_are_ignored() -> None:
    async with client_of(answering(200, CODES | {"later": {"version": 2}})) as client:
        codes = await client.get_mfa_recovery_codes(TOKEN)
    assert codes == models.RecoveryCodes(count=2, recovery_codes=(Secret("ABCDEFGHIJ"), Secret("KLMNOPQRST")))


@pytest.mark.parametrize("body", [b"", b" \n", b"{}", b'"ok"', b"null"])
async def test_empty_body_or_any_json_is_accepted_if_none_is_expected(body: bytes) -> None:
    async with client_of(answering(200, body)) as client:
        await client.set_default_mfa_device(TOKEN, "d")


async def test_login_page_is_refused_if_no_body_is_expected() -> None:
    async with client_of(answering(200, b"<html>log in to this network</html>")) as client:
        with pytest.raises(errors.OutcomeUnknownError, match="login page"):
            await client.set_default_mfa_device(TOKEN, "d")


@pytest.mark.parametrize("device_id", ["../../x", "a/b", "a?b=c", "a#b", "é"])
async def test_device_id_stays_one_segment_of_the_path(device_id: str) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    async with client_of(answer) as client:
        await client.delete_mfa_device(TOKEN, device_id)
    path, _, query = seen[0].url.raw_path.decode().partition("?")
    assert path.startswith(f"/api/v0/sdk/{ENVIRONMENT}/users/mfa/")
    assert path.count("/") == 7
    assert not query


async def test_cookie_is_not_sent_back() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=USER, headers={"set-cookie": "session=x; Path=/"})

    async with client_of(answer) as client:
        await client.get_user(TOKEN)
        await client.get_user(TOKEN)
    assert "cookie" not in seen[1].headers


@pytest.mark.parametrize(
    "absent", [{}, {"newUser": None, "firstName": None, "metadata": 1, "mfaBackupCodeAcknowledgement": None}]
)
async def test_absent_and_null_fields_of_the_user_are_the_same(absent: dict[str, object]) -> None:
    credential = {"id": "c", "format": "passkey", "signInEnabled": True, **({"email": None} if absent else {})}
    user = {**USER, "verifiedCredentials": [credential], **absent}
    async with client_of(answering(200, user)) as client:
        read = await client.get_user(TOKEN)
    assert read.mfa_backup_code_acknowledgement is None
    assert not isinstance(read.verified_credentials[0].email, str)


@pytest.mark.parametrize(
    "security",
    [
        {"captcha": None, "mfa": None},
        {"mfa": {"methods": [{"type": "totp"}], "actions": [], "enrollment": None}},
        {"mfa": {"actions": [{"action": "user.update", "tokenBehavior": "time_bound", "tokenExpirySeconds": 600}]}},
    ],
)
async def test_older_and_newer_settings_are_read(security: dict[str, object]) -> None:
    settings = {"security": security, "general": {}, "providers": [{"provider": "passkey", "enabledAt": None}]}
    async with client_of(answering(200, settings)) as client:
        assert (await client.get_settings()).providers[0].provider == "passkey"
