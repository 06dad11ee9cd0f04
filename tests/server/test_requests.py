import pytest

from mfa_tui.server.operations import OPERATIONS, Access, Operation
from tests.support.caller import Caller

SECRET = "S3CRETC0DE"

USE = "/users/mfa/auth/recovery"

NOT_JSON = {
    "empty": b"",
    "not JSON": b"code=" + SECRET.encode(),
    "truncated": b'{"code": "' + SECRET.encode(),
    "a duplicate name": b'{"code": "S3CRETC0DE", "code": "S3CRETC0DE"}',
    "a nested duplicate name": b'{"code": "S3CRETC0DE", "createMfaToken": {"singleUse": true, "singleUse": true}}',
    "not UTF-8": b'{"code": "\xff"}',
    "UTF-16": '{"code": "S3CRETC0DE"}'.encode("utf-16"),
    "half a surrogate pair": b'{"code": "\\ud800"}',
    "deep and unclosed": b'{"code": ' + b"[" * 30_000,
    "deep": b'{"code": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "a long number": b'{"code": ' + b"9" * 60_000 + b"}",
    "NaN": b'{"code": NaN}',
    "two documents": b'{"code": "S3CRETC0DE"}{}',
}

UNDOCUMENTED = {
    "an array": b'["S3CRETC0DE"]',
    "a string": b'"S3CRETC0DE"',
    "null": b"null",
    "an empty object": b"{}",
    "a number for a string": b'{"code": 1234567890}',
    "null for a string": b'{"code": null}',
    "an unknown name": b'{"code": "S3CRETC0DE", "S3CRETC0DE": 1}',
    "a string for a boolean": b'{"code": "S3CRETC0DE", "createMfaToken": {"singleUse": "S3CRETC0DE"}}',
    "an invalid scope": b'{"code": "S3CRETC0DE", "requestedScopes": ["S3CRETC0DE"]}',
    "too many scopes": b'{"code": "S3CRETC0DE", "requestedScopes": [' + b'"a:b",' * 16 + b'"a:b"]}',
}


@pytest.mark.parametrize("name", NOT_JSON)
async def test_a_body_that_is_not_json_is_refused_and_not_echoed(ada: Caller, name: str) -> None:
    codes = await ada.codes()
    response = await ada.call("POST", USE, NOT_JSON[name])
    assert (response.status_code, set(response.json())) == (400, {"error"})
    assert SECRET not in response.text
    assert await ada.codes() == codes


@pytest.mark.parametrize("name", UNDOCUMENTED)
async def test_undocumented_json_is_refused_and_not_echoed(ada: Caller, name: str) -> None:
    codes = await ada.codes()
    response = await ada.call("POST", USE, UNDOCUMENTED[name])
    assert (response.status_code, response.json()["code"]) == (422, "mfa_invalid_request")
    assert SECRET not in response.text
    assert await ada.codes() == codes


async def test_a_malformed_request_does_not_count_as_an_attempt(ada: Caller) -> None:
    code = (await ada.codes())[0]
    for _ in range(10):
        await ada.call("POST", USE, b"{}")
    assert (await ada.use(code)).status_code == 200


async def test_a_refusal_names_the_invalid_field(ada: Caller) -> None:
    response = await ada.call("POST", USE, {"code": 1})
    assert "$.code" in response.json()["error"]


async def test_a_malformed_request_outside_mfa_has_no_error_code(anyone: Caller) -> None:
    response = await anyone.call("POST", "/emailVerifications/create", {"mail": "ada@example.org"})
    assert (response.status_code, set(response.json())) == (400, {"error"})


async def test_a_body_over_64_kib_is_refused(ada: Caller) -> None:
    assert (await ada.call("POST", USE, b'{"code": "' + b"A" * (64 * 1024 - 12) + b'"}')).status_code == 422
    assert (await ada.call("POST", USE, b'{"code": "' + b"A" * (64 * 1024 - 11) + b'"}')).status_code == 413


@pytest.mark.parametrize(
    "environment",
    ["", "x", "00000000-0000-4000-8000-000000000000", "..", "%2e%2e", "{environmentId}", "'--", "a" * 5000],
)
async def test_an_unknown_environment_is_not_found(ada: Caller, environment: str) -> None:
    response = await ada.http.get(f"/api/v0/sdk/{environment}/users", headers={"authorization": f"Bearer {ada.token}"})
    assert response.status_code == 404
    assert response.json()["error"]


async def test_the_environment_id_must_be_lower_case(ada: Caller) -> None:
    response = await ada.http.get(f"/api/v0/sdk/{ada.service.environment_id.upper()}/settings")
    assert (response.status_code, response.json()["code"]) == (404, "environment_not_found")


@pytest.mark.parametrize("path", ["/", "/api", "/users", "/healthz/", "/api/v0/sdk"])
async def test_an_unknown_path_is_not_found(anyone: Caller, path: str) -> None:
    response = await anyone.http.get(path)
    assert (response.status_code, set(response.json())) == (404, {"error"})


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "HEAD", "TRACE", "FOO"])
async def test_a_wrong_method_gets_the_allowed_methods(ada: Caller, method: str) -> None:
    response = await ada.call(method, "/users/mfa/recovery")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST, OPTIONS")


@pytest.mark.parametrize(
    "verification_id", ["", "x", "'; DROP TABLE users; --", "00000000-0000-4000-8000-00000000000G"]
)
async def test_a_bad_verification_uuid_is_refused(anyone: Caller, verification_id: str) -> None:
    body = {"verificationUUID": verification_id, "verificationToken": "123456"}
    response = await anyone.call("POST", "/emailVerifications/signin", body)
    assert response.status_code in {400, 422}


@pytest.mark.parametrize("query", ["count=", "count=0", "count=-1", "count=11", "count=01", "count=²", "count=1e1"])
async def test_an_invalid_count_of_nonces_is_refused(anyone: Caller, query: str) -> None:
    assert (await anyone.call("GET", f"/nonces?{query}")).status_code == 400


async def test_an_invalid_boolean_in_the_query_is_refused(ada: Caller) -> None:
    assert (await ada.call("GET", "/users/mfa/methods?verifiedOnly=yes")).status_code == 400


async def test_the_requested_number_of_nonces_is_returned(anyone: Caller) -> None:
    nonces = (await anyone.call("GET", "/nonces?count=5")).json()["nonces"]
    assert len(set(nonces)) == 5


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation.method} {operation.path}")
async def test_every_operation_but_public_ones_requires_a_session(anyone: Caller, operation: Operation) -> None:
    response = await anyone.call(operation.method, operation.path.replace("{deviceId}", "x"))
    assert (response.status_code == 401) is (operation.access is not Access.PUBLIC)


async def test_responses_allow_any_origin_and_no_caching(ada: Caller) -> None:
    for response in (await ada.call("GET", "/users/mfa/recovery"), await ada.call("GET", "/users", authorization="")):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation.method} {operation.path}")
async def test_a_preflight_allows_the_headers_of_the_sdk(anyone: Caller, operation: Operation) -> None:
    requested = "authorization, content-type, x-dyn-version, x-dyn-api-version, x-dyn-request-id, x-dyn-session-id"
    response = await anyone.call(
        "OPTIONS",
        operation.path.replace("{deviceId}", "x"),
        origin="http://localhost:3000",
        access_control_request_method=operation.method,
        access_control_request_headers=requested,
    )
    assert response.status_code == 204
    assert operation.method in response.headers["access-control-allow-methods"].split(", ")
    assert response.headers["access-control-allow-headers"] == requested


async def test_a_preflight_does_not_echo_invalid_header_names(anyone: Caller) -> None:
    response = await anyone.call("OPTIONS", "/users", access_control_request_headers="x: y; <script>")
    assert response.headers["access-control-allow-headers"] == "content-type, authorization"


async def test_the_settings_say_that_mfa_is_enabled(anyone: Caller) -> None:
    settings = (await anyone.call("GET", "/settings?sdkVersion=ClientSDK/1.27.1")).json()
    mfa = settings["security"]["mfa"]
    assert mfa["enabled"] is True
    assert mfa["methods"] == [
        {"type": method, "enabled": True, "allowBackupCodes": True} for method in ("totp", "passkey")
    ]
    assert mfa["availableMethods"] == ["totp", "passkey"]
    assert [(action["action"], action["required"]) for action in mfa["actions"]] == [
        ("wallet.waas.sign", False),
        ("wallet.waas.export", False),
        ("wallet.waas.reshare", False),
        ("wallet.waas.refresh", False),
        ("user.update", False),
    ]
    assert [provider["provider"] for provider in settings["providers"]] == ["emailOnly", "dynamic", "passkey"]
    assert "captcha" not in settings["security"]
    assert all(settings[name] == [] for name in ("chains", "networks", "kyc"))


async def test_healthz_reads_the_database(anyone: Caller) -> None:
    response = await anyone.http.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/users", "/users/mfa/recovery", "/unknown/path", "/.well-known/jwks"])
@pytest.mark.parametrize("environment", ["own", "other"])
async def test_preflight_succeeds_on_every_path(anyone: Caller, path: str, environment: str) -> None:
    environment_id = anyone.service.environment_id if environment == "own" else "0" * 36
    headers = {"origin": "http://localhost:3000", "access-control-request-method": "PATCH"}
    response = await anyone.http.request("OPTIONS", f"/api/v0/sdk/{environment_id}{path}", headers=headers)
    assert response.status_code == 204
    assert "PATCH" in response.headers["access-control-allow-methods"]
    assert response.headers["access-control-allow-origin"] == "*"


async def test_minor_routes_respond_as_the_sdk_expects(ada: Caller) -> None:
    assert len((await ada.call("GET", "/nonce")).json()["nonce"]) == 32
    assert (await ada.call("GET", "/deviceRegistrations")).json() == {"count": 0, "deviceRegistrations": []}
    assert (await ada.call("POST", "/sdkSettings", {"dynamicContextProps": {}})).status_code == 204
    keys = (await ada.call("GET", "/.well-known/jwks.json")).json()["keys"]
    assert [set(key) for key in keys] == [{"kid", "alg", "kty", "use", "e", "n"}]
    registered = (await ada.call("GET", "/users/mfa/register/totp")).json()["id"]
    assert (await ada.call("GET", f"/users/mfa/{registered}")).json()["id"] == registered
    assert (await ada.call("GET", "/users/mfa/unknown")).json()["code"] == "mfa_device_not_found"


async def test_a_nul_character_in_a_body_is_refused(anyone: Caller) -> None:
    """PostgreSQL stores no text with one, so its error would come instead."""
    body = {"verificationUUID": "\0", "verificationToken": "123456"}
    refused = await anyone.call("POST", "/emailVerifications/signin", body)
    assert (refused.status_code, refused.json()["error"]) == (400, "A string in the body has the character NUL.")
    accepted = await anyone.call("POST", "/emailVerifications/signin", body | {"verificationUUID": "\\u0000"})
    assert accepted.status_code != 400
