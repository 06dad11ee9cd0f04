"""Opening the account of a profile: the built-in service in this process, or a server on the network."""

from pathlib import Path

import httpcore
import httpx
import pytest

from mfa_tui import connection
from mfa_tui.account.state import Stage
from mfa_tui.client import errors, transport
from mfa_tui.connection import connect
from mfa_tui.errors import UsageError
from mfa_tui.redaction import Secret
from mfa_tui.storage.config import UnknownProfileError
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.profile import Profile, ProfileOverrides

ID = "2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11"
ELSEWHERE = Profile(name="work", environment_id=ID, api_url="http://127.0.0.1:9/api/v0", known=True)


async def test_built_in_service_keeps_its_codes_between_starts(places: AppPaths) -> None:
    async with connection.open_account(places) as first:
        await first.sign_in_automatically()
        await first.read_codes()
        made = first.state.codes
        assert first.service_name == "built-in service"
    async with connection.open_account(places) as second:
        await second.resume_session()
        await second.read_codes()
        assert second.state.codes == made


async def test_mail_that_another_user_could_write_is_not_read(tmp_path: Path) -> None:
    mail = tmp_path / "code-1.eml"
    mail.write_text("Subject: Your sign-in code\n\n123456\n")
    mailbox = connection.OutboxMailbox(tmp_path)
    mail.chmod(0o666)
    with pytest.raises(errors.EmailCodeExhaustedError):
        await mailbox.code_from("1")
    mail.chmod(0o600)
    assert await mailbox.code_from("1") == Secret("123456")


async def test_two_programs_open_the_built_in_service_at_once(places: AppPaths) -> None:
    async with connection.open_account(places) as first, connection.open_account(places) as second:
        await first.sign_in_automatically()
        await second.sign_in_automatically()
        assert first.user.id == second.user.id


async def test_hosted_profile_does_not_open_the_built_in_service(places: AppPaths) -> None:
    async with connection.open_account(places, ELSEWHERE) as account:
        assert not account.signs_in_automatically
        assert account.service_name == "work, 127.0.0.1:9"
        with pytest.raises(errors.NotSentError):
            await account.get_settings()
    assert not places.data.exists()


@pytest.mark.parametrize(
    ("api_url", "proxied"), [("http://127.0.0.1:9/api/v0", False), ("https://service.test/api/v0", True)]
)
def test_unencrypted_requests_bypass_the_proxy(monkeypatch: pytest.MonkeyPatch, api_url: str, proxied: bool) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://proxy.test:3128")
    network = transport.network(api_url)
    assert isinstance(network, httpx.AsyncHTTPTransport)
    assert isinstance(network._pool, httpcore.AsyncHTTPProxy) is proxied


@pytest.mark.parametrize(
    "api_url",
    [
        "https://999.1.1.1/api/v0",
        "https://xn--a/api/v0",
        "https://a..b/api/v0",
        "https://a.b/api\n/v0",
        "https://[:::1]",
    ],
)
async def test_unusable_address_raises_usage_error(places: AppPaths, api_url: str) -> None:
    with pytest.raises(UsageError, match=r"cannot be used|is not an address") as caught:
        async with connection.open_account(
            places, connection.load_profile(places, ProfileOverrides(environment_id=ID, api_url=api_url))
        ):
            pass
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "what://127.0.0.1", "::"])
async def test_unusable_proxy_raises_usage_error(places: AppPaths, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", proxy)
    profile = Profile(name="work", environment_id=ID, api_url="https://service.test/api/v0")
    with pytest.raises(UsageError, match="HTTPS_PROXY"):
        async with connection.open_account(places, profile):
            pass


async def test_other_files_in_the_outbox_are_ignored(places: AppPaths) -> None:
    async with connection.open_account(places) as account:
        outbox = places.data / "outbox"
        (outbox / "x.eml").mkdir()
        (outbox / "y.eml").write_bytes(b"\xff")
        await account.sign_in_automatically()
        verification = await account.send_email_code(connection.BUILT_IN_EMAIL)
        mail = outbox / f"code-{verification.verification_uuid}.eml"
        mail.unlink()
        mail.mkdir()
        assert account._mailbox is not None
        with pytest.raises(errors.EmailCodeExhaustedError):
            await account._mailbox.code_from(verification.verification_uuid)


def test_override_comes_before_the_configuration(places: AppPaths) -> None:
    places.config.mkdir()
    (places.config / "config.toml").write_text(f'[profiles.work]\nenvironment_id = "{ID}"\nemail = "a@b.test"\n')
    profile = connection.load_profile(places, ProfileOverrides(profile="work", email="c@d.test"))
    assert (profile.environment_id, profile.email) == (ID, "c@d.test")


async def test_connect_signs_in_to_the_built_in_service_and_resumes() -> None:
    async with connect() as first:
        assert first.state.email == connection.BUILT_IN_EMAIL
        token = first.session.token
    async with connect() as second:
        assert second.session.token == token


async def test_connect_leaves_a_challenge_pending_and_revokes_it_at_the_end() -> None:
    async with connect() as account:
        codes = await account.get_mfa_recovery_codes()
        await account.acknowledge_recovery_codes(account.state.codes)
        await account.sign_out()
    async with connect() as account:
        assert account.state.stage is Stage.CHALLENGE_PENDING
        token = account.session.token
    async with connect() as account:
        with pytest.raises(errors.NotSignedInError):
            await account.client.get_user(token)
        await account.authenticate_mfa_recovery_code(codes.recovery_codes[0])
        assert account.state.stage is Stage.READY


async def test_connect_to_a_hosted_service_needs_a_sign_in() -> None:
    async with connect("work", environment_id=ID, email="a@b.test", api_url=ELSEWHERE.api_url) as account:
        assert account.state.stage is Stage.NO_SESSION
        assert (account.profile.name, account.profile.email) == ("work", "a@b.test")


@pytest.mark.parametrize("api_url", [None, ELSEWHERE.api_url])
async def test_connect_refuses_a_profile_that_does_not_exist(api_url: str | None) -> None:
    with pytest.raises(UnknownProfileError, match="There is no profile wrok"):
        async with connect("wrok", api_url=api_url):
            pass
