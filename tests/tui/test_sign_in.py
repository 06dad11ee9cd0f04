"""Signing in to a hosted environment, and coming back to where one was."""

import json

import httpx

from mfa_tui.redaction import Secret
from mfa_tui.storage.paths import AppPaths
from tests.support.app import Watching
from tests.support.transport import REVOKE, SETTINGS, not_reached, refuses
from tests.tui.conftest import Hosted, Watch

SEND = "POST /emailVerifications/create"
SIGN_IN = "POST /emailVerifications/signin"


async def sign_in(watching: Watching, hosted: Hosted) -> None:
    await watching.sees("code will be sent to your address")
    await watching.press("enter")
    await watching.sees("A code is on its way to me@example.org")
    await watching.type(hosted.mail())


async def test_a_complete_code_signs_in_by_itself_and_leads_to_the_codes(hosted: Hosted, watch: Watch) -> None:
    async with watch(hosted.account) as watching:
        await sign_in(watching, hosted)
        await watching.sees_codes(10)
        await watching.sees("me@example.org")


async def test_a_new_profile_is_written_down_once_somebody_is_signed_in(
    hosted: Hosted, watch: Watch, places: AppPaths
) -> None:
    async with watch(hosted.account) as watching:
        await watching.sees("Then profile work is written down")
        assert not (places.config / "config.toml").exists()
        await sign_in(watching, hosted)
        await watching.sees("10 of 10 left")
        await watching.until((places.config / "config.toml").exists, "the profile to be written")
    assert hosted.service.environment_id in (places.config / "config.toml").read_text()


async def test_a_profile_that_cannot_be_written_is_said_and_loses_nothing(
    hosted: Hosted, watch: Watch, places: AppPaths
) -> None:
    places.config.write_text("a file stands in the folder's place")
    async with watch(hosted.account) as watching:
        await sign_in(watching, hosted)
        await watching.sees("10 of 10 left", "could not be")


async def test_a_wrong_code_is_told_and_stays_to_be_mended(hosted: Hosted, watch: Watch) -> None:
    async with watch(hosted.account) as watching:
        await watching.press("enter")
        await watching.sees("on its way")
        right = hosted.mail()
        wrong = f"{(int(right) + 1) % 1_000_000:06}"
        await watching.type(wrong)
        await watching.sees("That is not the code from the e-mail", wrong)


async def test_an_environment_id_that_is_none_is_not_sent(hosted: Hosted, watch: Watch) -> None:
    hosted.account.select_environment("", "me@example.org")
    async with watch(hosted.account) as watching:
        await watching.type("my environment")
        await watching.press("enter")
        await watching.sees("The environment id is not a UUID")
    assert hosted.network.noted == []


async def test_what_a_terminal_cannot_do_is_said_before_a_mail_is_sent(hosted: Hosted, watch: Watch) -> None:
    async def with_captcha(_request: httpx.Request, _carry: object) -> httpx.Response:
        return httpx.Response(200, content=json.dumps({"security": {"captcha": {"enabled": True}}, "general": {}}))

    hosted.network.faults[SETTINGS] = with_captcha
    async with watch(hosted.account) as watching:
        await watching.press("enter")
        await watching.sees("captcha", "with a browser instead")
    assert SEND not in hosted.network.noted


async def test_a_refused_mail_counts_its_wait_down(hosted: Hosted, watch: Watch) -> None:
    hosted.network.faults[SEND] = refuses(429, {"error": "slow"}, retry_after="1")
    async with watch(hosted.account) as watching:
        await watching.press("enter")
        await watching.sees("Too many attempts")


async def test_a_session_that_ends_leads_to_sign_in_and_back_to_the_codes(hosted: Hosted, watch: Watch) -> None:
    async with watch(hosted.account) as watching:
        await sign_in(watching, hosted)
        before = await watching.sees_codes()
        await hosted.account.client.revoke(hosted.account._token)
        await watching.press("n")
        await watching.sees("Your session has ended", "was not done")
        await sign_in(watching, hosted)
        assert await watching.sees_codes() == before


async def test_a_session_that_ends_in_the_challenge_leads_back_to_what_was_typed(hosted: Hosted, watch: Watch) -> None:
    async with watch(hosted.account) as watching:
        await sign_in(watching, hosted)
        code = (await watching.sees_codes())[3]
        await hosted.account.acknowledge_recovery_codes()
        await watching.press("o")
        await sign_in(watching, hosted)
        await watching.sees("needs a second factor")
        await watching.type(code.replace(" ", ""))
        await hosted.account.client.revoke(hosted.account._token)
        await watching.press("enter")
        await sign_in(watching, hosted)
        await watching.sees("Second factor", code.replace(" ", ""))
        await watching.press("enter")
        await watching.sees("9 of 10 left")


async def test_signing_out_ends_the_session_and_forgets_it(hosted: Hosted, watch: Watch, places: AppPaths) -> None:
    async with watch(hosted.account) as watching:
        await sign_in(watching, hosted)
        await watching.sees("10 of 10 left")
        assert (places.state / "work" / "session.json").exists()
        await watching.press("o")
        await watching.sees("A code will be sent")
    assert not (places.state / "work" / "session.json").exists()
    assert hosted.network.noted[-1] == "POST /revoke"


async def test_signing_out_says_where_the_service_did_not_hear_of_it(hosted: Hosted, watch: Watch) -> None:
    async with watch(hosted.account) as watching:
        await sign_in(watching, hosted)
        await watching.sees("10 of 10 left")
        hosted.network.faults[REVOKE] = not_reached
        await watching.press("o")
        await watching.sees("Sign in", "the service was not reached", "may live there until")


async def test_the_requests_are_no_more_than_needed(hosted: Hosted, watch: Watch) -> None:
    async with watch(hosted.account) as watching:
        await sign_in(watching, hosted)
        await watching.sees("10 of 10 left")
    assert hosted.network.noted == [SETTINGS, SEND, SIGN_IN, "GET /users/mfa/recovery", "GET /users"]
    hosted.network.noted.clear()
    hosted.account._expire_session()
    hosted.account._set_state(type(hosted.account.state)())
    async with watch(hosted.account) as watching:
        await watching.sees("10 of 10 left")
    assert hosted.network.noted == ["GET /users", "GET /users/mfa/recovery"]


async def test_no_token_is_on_a_screen(hosted: Hosted, watch: Watch) -> None:
    async with watch(hosted.account) as watching:
        await sign_in(watching, hosted)
        screen = await watching.sees("10 of 10 left")
    assert isinstance(hosted.account._token, Secret)
    assert hosted.account._token.reveal()[:20] not in screen
