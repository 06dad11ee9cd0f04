"""`mfa-tui use`: finish the pending challenge with a code."""

from mfa_tui.account.account import Account
from mfa_tui.account.challenge import ChallengeStatus
from mfa_tui.account.errors import InvalidCodeInputError
from mfa_tui.account.state import Stage
from mfa_tui.account.typed_code import parse_code
from mfa_tui.cli import runner
from mfa_tui.cli.commands.sign_in import sign_in
from mfa_tui.cli.options import ProfileOptions
from mfa_tui.client.errors import DeviceNotFoundError, InvalidCodeError, OutcomeUnknownError
from mfa_tui.errors import ExitCode
from mfa_tui.terminal import console
from mfa_tui.workflows import messages

PROMPT = "Recovery or authenticator code, not shown as you type: "
NOTHING_PENDING = "No challenge is pending: you are signed in. No code was taken."


def run(options: ProfileOptions) -> ExitCode:
    """Finish the challenge; the code is asked for, or is one line of stdin.

    Nothing is kept of a session whose challenge is pending: so this signs in anew first, unless the session that is
    kept is good. Then nothing is pending, and no code is spent.

    Raises:
        InvalidCodeError: The code was not taken; it was sent once.
        OutcomeUnknownError: The code may be spent.
        MfaTuiError: As `sign_in`, or the code is none.
    """
    return runner.run(options, _use, signs_in=True)


async def _use(account: Account) -> ExitCode:
    await account.resume_session()
    if account.state.stage is Stage.NO_SESSION:
        await sign_in(account)
    if account.state.stage is Stage.CHALLENGE_PENDING:
        await pass_challenge(account)
    else:
        console.print_message(NOTHING_PENDING)
    return ExitCode.DONE


async def pass_challenge(account: Account) -> None:
    """Take a code and finish the challenge with it, then say how many codes are left.

    On a terminal one that is not taken is asked for again: the sign-in before it is not wasted.

    Raises:
        InputEndedError: Input ended before the code.
        InvalidCodeInputError: What came cannot be a code; it was not sent.
        OutcomeUnknownError: The code may be spent.
        ApiError: The code was not taken and is not spent.
    """
    odd = None
    while account.state.stage is Stage.CHALLENGE_PENDING:
        try:
            typed = parse_code(console.read_secret(PROMPT).reveal())
            if typed.warning and console.is_interactive() and typed.code != odd:
                odd = typed.code
                console.print_message(f"{typed.warning} {messages.ASK_AGAIN}")
                continue
            if typed.warning:
                console.print_message(f"{typed.warning} It is sent as it is.")
            await account.authenticate(typed)
        except OutcomeUnknownError:
            if await account.check_challenge() is not ChallengeStatus.PASSED:
                raise
        except (InvalidCodeInputError, InvalidCodeError, DeviceNotFoundError) as error:
            if not console.is_interactive():
                raise
            console.print_message(str(error))
    left = await messages.read_codes_left(account)
    console.print_text(f"Challenge passed: {left}." if left else "Challenge passed.")
    if advice := messages.low_codes(account.state):
        console.print_message(str(advice))
