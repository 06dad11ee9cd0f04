"""Passing a factor: the challenge, the step-up, the authenticator apps."""

import pyotp

from mfa_tui.redaction import Secret
from tests.support.app import Watching
from tests.support.transport import USE, lost_after, refuses
from tests.tui.conftest import Hosted, Watch


async def sign_in(hosted: Hosted) -> None:
    verification = await hosted.account.send_email_code("me@example.org")
    await hosted.account.sign_in(verification.verification_uuid, Secret(hosted.mail()))


async def save(hosted: Hosted) -> list[str]:
    """Sign in, say that the codes are saved, and return them."""
    await sign_in(hosted)
    await hosted.account.read_codes()
    codes = hosted.account.state.codes
    assert codes is not None
    await hosted.account.acknowledge_recovery_codes()
    return [code.reveal() for code in codes.recovery_codes]


async def be_challenged(hosted: Hosted, watching: Watching) -> None:
    """Sign out on the codes screen, and in again."""
    await watching.sees("10 of 10 left")
    await watching.press("o")
    await watching.sees("A code will be sent")
    await watching.press("enter")
    await watching.sees("on its way")
    await watching.type(hosted.mail())
    await watching.sees("needs a second factor")


async def enrol(watching: Watching) -> pyotp.TOTP:
    """Add an authenticator app, and return it."""
    await watching.press("a")
    await watching.sees("No app yet")
    await watching.press("a")
    screen = await watching.sees("Give this key to your app")
    lines = [line.strip() for line in screen.splitlines()]
    app = pyotp.TOTP(lines[lines.index("Secret key") + 1].replace(" ", ""))
    await watching.type(app.now())
    await watching.press("enter")
    await watching.sees("Authenticator apps", "default")
    return app


async def be_asked_before_removing(watching: Watching) -> None:
    """Add an app, and go to remove it."""
    await watching.sees("10 of 10 left")
    await enrol(watching)
    await watching.press("x")
    await watching.sees("Remove Authenticator app?")
    await watching.press("right", "enter")
    await watching.sees("Confirm that it is you")


async def test_the_field_says_which_factor_it_takes_the_text_for(hosted: Hosted, watch: Watch) -> None:
    await save(hosted)
    async with watch(hosted.account) as watching:
        await be_challenged(hosted, watching)
        await watching.type("123 456")
        await watching.sees("Taken for: authenticator code")
        await watching.type("abcd")
        await watching.sees("Taken for: recovery code")


async def test_only_the_factors_that_the_account_has_are_offered(hosted: Hosted, watch: Watch) -> None:
    await save(hosted)
    async with watch(hosted.account) as watching:
        await watching.sees("10 of 10 left")
        await be_challenged(hosted, watching)
        screen = await watching.sees("Second factor recovery code")
        assert "authenticator code" not in screen


async def test_an_app_is_added_and_offered_in_the_next_challenge(hosted: Hosted, watch: Watch) -> None:
    await save(hosted)
    async with watch(hosted.account) as watching:
        await watching.sees("10 of 10 left")
        await enrol(watching)
        await watching.press("escape")
        await be_challenged(hosted, watching)
        await watching.sees("Second factor authenticator code or recovery code")


async def test_removing_an_app_asks_for_a_factor_once_and_goes_on(hosted: Hosted, watch: Watch) -> None:
    codes = await save(hosted)
    async with watch(hosted.account) as watching:
        await be_asked_before_removing(watching)
        await watching.type(codes[4])
        await watching.press("enter")
        await watching.sees("No app yet")
        await watching.press("escape")
        screen = await watching.sees("9 of 10 left")
        assert codes[4][:5] not in screen


async def test_a_step_up_that_is_declined_changes_nothing(hosted: Hosted, watch: Watch) -> None:
    await save(hosted)
    async with watch(hosted.account) as watching:
        await be_asked_before_removing(watching)
        await watching.press("escape")
        await watching.sees("This was not done: you did not confirm your identity", "default")


async def test_the_wait_after_too_many_tries_counts_down_and_ends_by_itself(hosted: Hosted, watch: Watch) -> None:
    codes = await save(hosted)
    hosted.network.faults[USE] = refuses(429, {"error": "slow", "code": "mfa_rate_limited"}, retry_after="1")
    async with watch(hosted.account) as watching:
        await be_challenged(hosted, watching)
        await watching.type(codes[0])
        await watching.press("enter")
        await watching.sees("Too many attempts", "You can try again in 1 second.")
        await watching.press("enter")
        assert hosted.network.count(USE) == 1
        del hosted.network.faults[USE]
        await watching.sees("You can try again Compare the code")
        await watching.press("enter")
        await watching.sees("9 of 10 left")


async def test_a_code_whose_answer_was_lost_is_looked_after_and_never_sent_again(hosted: Hosted, watch: Watch) -> None:
    codes = await save(hosted)
    hosted.network.faults[USE] = lost_after
    async with watch(hosted.account) as watching:
        await be_challenged(hosted, watching)
        await watching.type(codes[0])
        await watching.press("enter")
        await watching.sees("that code may be used up", codes[0])
        assert hosted.network.count(USE) == 1
        del hosted.network.faults[USE]
        await watching.press("ctrl+u")
        await watching.type(codes[1])
        await watching.press("enter")
        await watching.sees("8 of 10 left")


async def test_an_odd_length_is_sent_on_the_second_enter_alone(hosted: Hosted, watch: Watch) -> None:
    await save(hosted)
    async with watch(hosted.account) as watching:
        await be_challenged(hosted, watching)
        await watching.type("ABC")
        await watching.press("enter")
        await watching.sees("This has 3 letters or digits", "press Enter again")
        assert hosted.network.count(USE) == 0
        await watching.press("enter")
        await watching.sees("Not accepted")
        assert hosted.network.count(USE) == 1


async def test_a_refused_code_is_not_sent_again_as_it_is(hosted: Hosted, watch: Watch) -> None:
    await save(hosted)
    async with watch(hosted.account) as watching:
        await be_challenged(hosted, watching)
        await watching.type("AAAAA22222")
        await watching.press("enter")
        await watching.sees("Not accepted")
        await watching.press("enter")
        await watching.sees("was not sent again")
        assert hosted.network.count(USE) == 1


async def test_somebody_without_any_code_is_told_whom_to_ask(hosted: Hosted, watch: Watch) -> None:
    await save(hosted)
    async with watch(hosted.account) as watching:
        await be_challenged(hosted, watching)
        await watching.press("f1")
        await watching.sees("only the people behind this service can help")


async def test_the_challenge_alone_says_how_many_codes_are_left(hosted: Hosted, watch: Watch) -> None:
    codes = await save(hosted)
    await hosted.account.sign_out()
    async with watch(hosted.account, challenge_alone=True) as watching:
        await watching.sees("A code will be sent")
        await watching.press("enter")
        await watching.sees("on its way")
        await watching.type(hosted.mail())
        await watching.sees("needs a second factor")
        await watching.type(codes[9].lower())
        await watching.press("enter")
        await watching.ends()
        assert watching.app.return_value == "Challenge passed: 9 of 10 left."
