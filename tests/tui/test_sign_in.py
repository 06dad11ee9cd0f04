"""Signing in to a hosted environment, and returning to the screen from before."""

import json

import httpx

from mfa_tui.errors import ExitCode
from mfa_tui.redaction import Secret
from mfa_tui.storage.paths import AppPaths
from mfa_tui.timing import Timing
from tests.support.app import AppPilot
from tests.support.transport import REVOKE, SETTINGS, not_reached, refuses
from tests.tui.conftest import Hosted, ShowApp

SEND = "POST /emailVerifications/create"
SIGN_IN = "POST /emailVerifications/signin"


async def sign_in(pilot: AppPilot, hosted: Hosted) -> None:
    await pilot.wait_for_text("code will be sent to your address")
    await pilot.press("enter")
    await pilot.wait_for_text("A code is on its way to me@example.org")
    await pilot.type(hosted.mail())


async def test_complete_code_signs_in_and_shows_the_codes(hosted: Hosted, show_app: ShowApp) -> None:
    async with show_app(hosted.account) as pilot:
        await sign_in(pilot, hosted)
        await pilot.wait_for_codes(10)
        await pilot.wait_for_text("me@example.org")


async def test_new_profile_is_saved_after_sign_in(hosted: Hosted, show_app: ShowApp, places: AppPaths) -> None:
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("Then profile work is saved")
        assert not (places.config / "config.toml").exists()
        await sign_in(pilot, hosted)
        await pilot.wait_for_text("10 of 10 left")
        await pilot.wait_until((places.config / "config.toml").exists, "the profile to be written")
    assert hosted.service.environment_id in (places.config / "config.toml").read_text()


async def test_unwritable_profile_gives_a_warning(hosted: Hosted, show_app: ShowApp, places: AppPaths) -> None:
    places.config.write_text("a file stands in the folder's place")
    async with show_app(hosted.account) as pilot:
        await sign_in(pilot, hosted)
        await pilot.wait_for_text("10 of 10 left", "could not be")


async def test_wrong_email_code_stays_in_the_field(hosted: Hosted, show_app: ShowApp) -> None:
    async with show_app(hosted.account) as pilot:
        await pilot.press("enter")
        await pilot.wait_for_text("on its way")
        right = hosted.mail()
        wrong = f"{(int(right) + 1) % 1_000_000:06}"
        await pilot.type(wrong)
        await pilot.wait_for_text("That is not the code from the e-mail", wrong)
        await pilot.press("enter")
        await pilot.settled_text()
        assert hosted.network.count(SIGN_IN) == 1


async def test_escape_restores_the_form_then_asks(hosted: Hosted, show_app: ShowApp) -> None:
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("me@example.org")
        await pilot.press("x", "escape")
        await pilot.wait_for_text("▌ me@example.org")
        await pilot.press("escape")
        await pilot.wait_for_text("Quit without signing in?")
        await pilot.press("n")
        await pilot.wait_for_text("enter Continue")
        await pilot.press("escape")
        await pilot.wait_for_text("Quit without signing in?")
        await pilot.press("y")
        await pilot.wait_for_exit()
        assert pilot.app.return_code == ExitCode.NOT_SIGNED_IN


async def test_escape_clears_the_mailed_code_then_goes_back(hosted: Hosted, show_app: ShowApp) -> None:
    async with show_app(hosted.account) as pilot:
        await pilot.press("enter")
        await pilot.wait_for_text("on its way")
        await pilot.type("12")
        await pilot.press("escape")
        await pilot.wait_for_text("on its way", "▌ 123456")
        await pilot.press("escape")
        await pilot.wait_for_text("A code will be sent")


async def test_invalid_environment_id_is_not_sent(hosted: Hosted, show_app: ShowApp) -> None:
    hosted.account.select_environment("", "me@example.org")
    async with show_app(hosted.account) as pilot:
        await pilot.type("my environment")
        await pilot.press("enter")
        await pilot.wait_for_text("The environment id is not a UUID")
    assert hosted.network.noted == []


async def test_captcha_is_reported_before_an_email_is_sent(hosted: Hosted, show_app: ShowApp) -> None:
    async def with_captcha(_request: httpx.Request, _carry: object) -> httpx.Response:
        return httpx.Response(200, content=json.dumps({"security": {"captcha": {"enabled": True}}, "general": {}}))

    hosted.network.faults[SETTINGS] = with_captcha
    async with show_app(hosted.account) as pilot:
        await pilot.press("enter")
        await pilot.wait_for_text("captcha", "with a browser instead")
    assert SEND not in hosted.network.noted


async def test_refused_email_shows_the_wait(hosted: Hosted, show_app: ShowApp) -> None:
    hosted.network.faults[SEND] = refuses(429, {"error": "slow"}, retry_after="1")
    async with show_app(hosted.account) as pilot:
        await pilot.press("enter")
        await pilot.wait_for_text("Too many attempts")


async def test_expired_session_leads_to_sign_in_and_back(hosted: Hosted, show_app: ShowApp) -> None:
    async with show_app(hosted.account) as pilot:
        await sign_in(pilot, hosted)
        before = await pilot.wait_for_codes()
        await hosted.account.client.revoke(hosted.account._token)
        await pilot.press("R")
        await pilot.wait_for_text("Your session has ended", "was not done")
        await sign_in(pilot, hosted)
        assert await pilot.wait_for_codes() == before


async def test_expired_session_in_a_challenge_keeps_the_typed_code(hosted: Hosted, show_app: ShowApp) -> None:
    async with show_app(hosted.account) as pilot:
        await sign_in(pilot, hosted)
        code = (await pilot.wait_for_codes())[3]
        await hosted.account.acknowledge_recovery_codes(hosted.account.state.codes)
        await pilot.press("o")
        await sign_in(pilot, hosted)
        await pilot.wait_for_text("needs a second factor")
        await pilot.type(code.replace(" ", ""))
        await hosted.account.client.revoke(hosted.account._token)
        await pilot.press("enter")
        await sign_in(pilot, hosted)
        await pilot.wait_for_text("Second factor", code.replace(" ", ""))
        await pilot.press("enter")
        await pilot.wait_for_text("9 of 10 left")


async def test_sign_out_revokes_and_deletes_the_session(hosted: Hosted, show_app: ShowApp, places: AppPaths) -> None:
    async with show_app(hosted.account) as pilot:
        await sign_in(pilot, hosted)
        await pilot.wait_for_text("10 of 10 left")
        assert (places.state / "work" / "session.json").exists()
        await pilot.press("o")
        await pilot.wait_for_text("Sign out?", "are not confirmed")
        await pilot.interrupt("right", "enter")
        await pilot.wait_for_text("A code will be sent")
    assert not (places.state / "work" / "session.json").exists()
    assert hosted.network.noted[-1] == "POST /revoke"


async def test_sign_out_warns_if_the_service_was_not_reached(hosted: Hosted, show_app: ShowApp) -> None:
    async with show_app(hosted.account) as pilot:
        await sign_in(pilot, hosted)
        await pilot.wait_for_text("10 of 10 left")
        hosted.network.faults[REVOKE] = not_reached
        await pilot.press("o")
        await pilot.wait_for_text("Sign out?")
        await pilot.interrupt("right", "enter")
        await pilot.wait_for_text("Sign in", "the service was not reached", "may live there until")


async def test_start_sends_only_the_needed_requests(hosted: Hosted, show_app: ShowApp) -> None:
    async with show_app(hosted.account) as pilot:
        await sign_in(pilot, hosted)
        await pilot.wait_for_text("10 of 10 left")
    assert hosted.network.noted == [SETTINGS, SEND, SIGN_IN, "GET /users/mfa/recovery", "GET /users"]
    hosted.network.noted.clear()
    hosted.account._expire_session()
    hosted.account._set_state(type(hosted.account.state)())
    async with show_app(hosted.account) as pilot:
        await pilot.wait_for_text("10 of 10 left")
    assert hosted.network.noted == ["GET /users", "GET /users/mfa/recovery"]


async def test_no_token_is_shown(hosted: Hosted, show_app: ShowApp) -> None:
    async with show_app(hosted.account) as pilot:
        await sign_in(pilot, hosted)
        screen = await pilot.wait_for_text("10 of 10 left")
    assert isinstance(hosted.account._token, Secret)
    assert hosted.account._token.reveal()[:20] not in screen


async def test_resent_code_signs_in(hosted: Hosted, show_app: ShowApp) -> None:
    async with show_app(hosted.account, timing=Timing(resend_wait=0)) as pilot:
        await pilot.press("enter")
        await pilot.wait_for_text("on its way")
        first = hosted.mail()
        await pilot.wait_for_text("Send again")
        await pilot.press("ctrl+r")
        await pilot.wait_until(lambda: hosted.network.count(SEND) == 2, "the second e-mail")
        await pilot.wait_for_text("on its way")
        second = hosted.mail()
        assert second != first
        await pilot.type(second)
        await pilot.wait_for_codes()


async def use_two_attempts(pilot: AppPilot, right: str) -> None:
    """Type two wrong codes, of the three attempts that a mailed code has."""
    for attempt in (1, 2):
        await pilot.type(f"{(int(right) + attempt) % 1_000_000:06}")
        await pilot.wait_for_text("That is not the code", "after three wrong attempts you need a new one")
        await pilot.press("escape")


async def test_resent_code_starts_a_fresh_count_of_attempts(hosted: Hosted, show_app: ShowApp) -> None:
    async with show_app(hosted.account, timing=Timing(resend_wait=0)) as pilot:
        await pilot.press("enter")
        await pilot.wait_for_text("on its way")
        await use_two_attempts(pilot, hosted.mail())
        await pilot.press("ctrl+r")
        await pilot.wait_until(lambda: hosted.network.count(SEND) == 2, "the second e-mail")
        await pilot.wait_for_text("on its way")
        right = hosted.mail()
        await use_two_attempts(pilot, right)
        await pilot.type(right)
        await pilot.wait_for_codes()


async def test_code_cannot_be_resent_during_the_wait(hosted: Hosted, show_app: ShowApp) -> None:
    async with show_app(hosted.account) as pilot:
        await pilot.press("enter")
        await pilot.wait_for_text("on its way", "A new code can be sent in")
        assert "Send again" not in pilot.words
        await pilot.press("ctrl+r")
        await pilot.settled_text()
        assert hosted.network.count(SEND) == 1
