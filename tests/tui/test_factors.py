"""Second factors: the challenge, the step-up, the authenticator apps and the passkeys."""

import pyotp
import pytest

from mfa_tui import connection
from mfa_tui.account.typed_code import parse_code
from mfa_tui.errors import ExitCode
from mfa_tui.redaction import Secret
from mfa_tui.server import step_up
from mfa_tui.storage.paths import AppPaths
from mfa_tui.terminal import security_keys
from tests.support.app import AppPilot
from tests.support.passkeys import add_passkey
from tests.support.security_key import SecurityKey
from tests.support.transport import USE, lost_after, refuses
from tests.tui.conftest import Hosted, ShowApp


async def sign_in(hosted: Hosted) -> None:
    verification = await hosted.account.send_email_code("me@example.org")
    await hosted.account.sign_in(verification.verification_uuid, Secret(hosted.mail()))


async def save(hosted: Hosted) -> list[str]:
    """Sign in, acknowledge the codes, and return them."""
    await sign_in(hosted)
    await hosted.account.read_codes()
    codes = hosted.account.state.codes
    assert codes is not None
    await hosted.account.acknowledge_recovery_codes(hosted.account.state.codes)
    return [code.reveal() for code in codes.recovery_codes]


async def be_challenged(hosted: Hosted, pilot: AppPilot) -> None:
    """Sign out on the codes screen and sign in again."""
    await pilot.wait_for_text("10 of 10 left")
    await pilot.press("o")
    await pilot.wait_for_text("A code will be sent")
    await pilot.press("enter")
    await pilot.wait_for_text("on its way")
    await pilot.type(hosted.mail())
    await pilot.wait_for_text("needs a second factor")


async def enrol(pilot: AppPilot) -> pyotp.TOTP:
    """Add an authenticator app, and return it."""
    await pilot.press("a")
    await pilot.wait_for_text("No app or passkey yet")
    await pilot.press("a")
    screen = await pilot.wait_for_text("Give this key to your app")
    lines = [line.strip() for line in screen.splitlines()]
    app = pyotp.TOTP(lines[lines.index("Secret key") + 1].replace(" ", ""))
    await pilot.type(app.now())
    await pilot.press("enter")
    await pilot.wait_for_text("Factors", "default")
    return app


async def be_asked_before_removing(pilot: AppPilot) -> None:
    """Add an app and start to remove it, until a factor is asked for."""
    await pilot.wait_for_text("10 of 10 left")
    await enrol(pilot)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(step_up, "FRESH_SECONDS", 0)
        await pilot.press("x")
        await pilot.wait_for_text("Remove Authenticator app?")
        await pilot.press("right", "enter")
        await pilot.wait_for_text("Confirm your identity")


async def test_field_names_the_factor_of_the_typed_code(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account) as pilot:
        await be_challenged(hosted, pilot)
        await pilot.type("123 456")
        await pilot.wait_for_text("Detected: authenticator code")
        await pilot.type("abcd")
        await pilot.wait_for_text("Detected: recovery code")


async def test_escape_clears_the_field_then_asks(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account) as pilot:
        await be_challenged(hosted, pilot)
        await pilot.type("abcd")
        await pilot.press("escape")
        await pilot.wait_for_text("ABCDE FGHIJ")
        await pilot.press("escape")
        await pilot.wait_for_text("Give up this sign-in?")
        await pilot.press("escape")
        await pilot.wait_for_text("needs a second factor", "enter Use the code")
        assert pilot.app.return_code is None
        await pilot.press("escape")
        await pilot.wait_for_text("Give up this sign-in?")
        await pilot.press("y")
        await pilot.wait_for_exit()
        assert pilot.app.return_code == ExitCode.REFUSED


async def test_challenge_passed_elsewhere_closes_the_question(hosted: Hosted, show_app: ShowApp) -> None:
    codes = await save(hosted)
    async with show_app(hosted.account) as pilot:
        await be_challenged(hosted, pilot)
        await pilot.press("escape")
        await pilot.wait_for_text("Give up this sign-in?")
        await hosted.account.authenticate(parse_code(codes[0]))
        await pilot.wait_for_text("9 of 10 left")


async def test_only_available_factors_are_offered(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("10 of 10 left")
        await be_challenged(hosted, pilot)
        screen = await pilot.wait_for_text("Second factor recovery code")
        assert "authenticator code" not in screen


async def test_added_app_is_offered_in_the_next_challenge(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("10 of 10 left")
        await enrol(pilot)
        await pilot.press("escape")
        await be_challenged(hosted, pilot)
        await pilot.wait_for_text("Second factor authenticator code or recovery code")


async def test_escape_removes_the_unconfirmed_app(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("10 of 10 left")
        await pilot.press("a")
        await pilot.wait_for_text("No app or passkey yet")
        await pilot.press("a")
        await pilot.wait_for_text("Give this key to your app")
        await pilot.press("escape")
        await pilot.wait_for_text("No app or passkey yet", "a Add app")
        assert await hosted.account.get_mfa_devices() == ()


async def test_second_app_is_not_offered(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("10 of 10 left")
        await enrol(pilot)
        screen = await pilot.wait_for_text("p Add passkey")
        assert "Add app" not in screen


async def test_removing_an_app_asks_for_a_factor_once(hosted: Hosted, show_app: ShowApp) -> None:
    codes = await save(hosted)
    async with show_app(hosted.account) as pilot:
        await be_asked_before_removing(pilot)
        await pilot.type(codes[4])
        await pilot.press("enter")
        await pilot.wait_for_text("The app is removed.")
        await pilot.press("escape")
        screen = await pilot.wait_for_text("9 of 10 left")
        assert codes[4][:5] not in screen


async def test_declined_step_up_changes_nothing(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account) as pilot:
        await be_asked_before_removing(pilot)
        await pilot.press("escape")
        await pilot.wait_for_text("This was not done: you did not confirm your identity", "default")


async def test_wait_after_too_many_attempts_counts_down(hosted: Hosted, show_app: ShowApp) -> None:
    codes = await save(hosted)
    hosted.network.faults[USE] = refuses(429, {"error": "slow", "code": "mfa_rate_limited"}, retry_after="1")
    async with show_app(hosted.account) as pilot:
        await be_challenged(hosted, pilot)
        await pilot.type(codes[0])
        await pilot.press("enter")
        await pilot.wait_for_text("Too many attempts", "You can try again in 1 second.")
        await pilot.press("enter")
        assert hosted.network.count(USE) == 1
        del hosted.network.faults[USE]
        await pilot.wait_for_text("You can try again Compare the code")
        await pilot.press("enter")
        await pilot.wait_for_text("9 of 10 left")


async def test_code_with_lost_response_is_never_sent_again(hosted: Hosted, show_app: ShowApp) -> None:
    codes = await save(hosted)
    hosted.network.faults[USE] = lost_after
    async with show_app(hosted.account) as pilot:
        await be_challenged(hosted, pilot)
        await pilot.type(codes[0])
        await pilot.press("enter")
        await pilot.wait_for_text("that code may be used up", codes[0])
        assert hosted.network.count(USE) == 1
        del hosted.network.faults[USE]
        await pilot.press("ctrl+u")
        await pilot.type(codes[1])
        await pilot.press("enter")
        await pilot.wait_for_text("8 of 10 left")


async def test_unusual_length_is_sent_on_the_second_enter(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account) as pilot:
        await be_challenged(hosted, pilot)
        await pilot.type("ABC")
        await pilot.press("enter")
        await pilot.wait_for_text("This has 3 letters or digits", "enter the same once more to send it unchanged")
        assert hosted.network.count(USE) == 0
        await pilot.press("enter")
        await pilot.wait_for_text("Not accepted")
        assert hosted.network.count(USE) == 1


async def test_refused_code_is_not_sent_again_unchanged(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account) as pilot:
        await be_challenged(hosted, pilot)
        await pilot.type("AAAAA22222")
        await pilot.press("enter")
        await pilot.wait_for_text("Not accepted")
        await pilot.press("enter")
        await pilot.wait_for_text("was not sent again")
        assert hosted.network.count(USE) == 1


async def test_user_without_codes_is_referred_to_the_service(hosted: Hosted, show_app: ShowApp) -> None:
    await save(hosted)
    async with show_app(hosted.account) as pilot:
        await be_challenged(hosted, pilot)
        await pilot.press("f1")
        await pilot.wait_for_text("only the operator of this service can help")


async def test_challenge_command_reports_the_remaining_codes(hosted: Hosted, show_app: ShowApp) -> None:
    codes = await save(hosted)
    await hosted.account.sign_out()
    async with show_app(hosted.account, challenge_alone=True) as pilot:
        await pilot.wait_for_text("A code will be sent")
        await pilot.press("enter")
        await pilot.wait_for_text("on its way")
        await pilot.type(hosted.mail())
        await pilot.wait_for_text("needs a second factor")
        await pilot.type(codes[9].lower())
        await pilot.press("enter")
        await pilot.wait_for_exit()
        assert pilot.app.return_value == "Challenge passed: 9 of 10 left."


async def test_passkey_is_listed_renamed_and_removed(
    hosted: Hosted, show_app: ShowApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = await save(hosted)
    await add_passkey(hosted.account, SecurityKey())
    monkeypatch.setattr(step_up, "FRESH_SECONDS", 0)
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("10 of 10 left")
        await pilot.press("a")
        await pilot.wait_for_text("Passkey", "at localhost:3000. Not used yet.", "These can pass a challenge")
        await pilot.press("e")
        await pilot.wait_for_text("New name of the passkey")
        await pilot.type("blue key")
        await pilot.press("enter")
        await pilot.wait_for_text("The passkey is now named blue key.")
        monkeypatch.setattr(step_up, "FRESH_SECONDS", 0)
        await pilot.press("x")
        await pilot.wait_for_text("Remove blue key?")
        await pilot.press("right", "enter")
        await pilot.wait_for_text("Confirm your identity")
        monkeypatch.undo()
        await pilot.type(codes[4])
        await pilot.press("enter")
        await pilot.wait_for_text("The passkey is removed here.")


async def test_security_key_asks_for_its_pin_on_the_screens(
    places: AppPaths, show_app: ShowApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security_keys, "find_keys", lambda: [SecurityKey(verifies_user=False, pin="1234")])
    async with connection.open_account(places) as account, show_app(account) as pilot:
        await pilot.wait_for_text("10 of 10 left")
        await pilot.press("a")
        await pilot.wait_for_text("No app or passkey yet", "p Add passkey")
        await pilot.press("p")
        await pilot.wait_for_text("Use the security key in this machine?")
        await pilot.press("right", "enter")
        await pilot.wait_for_text("PIN of the security key, 8 attempts left")
        await pilot.type("1234")
        await pilot.press("enter")
        await pilot.wait_for_text("The passkey is added")
