"""Completing the pending challenge, and stepping up before a protected action."""

from mfa_tui import formatting
from mfa_tui.account.account import Account
from mfa_tui.account.challenge import ChallengeStatus
from mfa_tui.account.errors import InvalidCodeInputError
from mfa_tui.account.state import Stage
from mfa_tui.account.typed_code import FactorKind, TypedCode, parse_code
from mfa_tui.client.errors import DeviceNotFoundError, InvalidCodeError, OutcomeUnknownError
from mfa_tui.workflows import messages
from mfa_tui.workflows.ui import UI


async def introduce_challenge(account: Account, ui: UI) -> None:
    """Show which factors can pass the challenge."""
    names = [formatting.with_article(factor.value) for factor in await account.list_challenge_factors()]
    ui.show(messages.challenge_introduction(names, ignores_case=account.profile.is_built_in))


async def complete_challenge(account: Account, ui: UI) -> bool:
    """Ask for codes until the pending challenge is passed or the user gives up; return whether it is passed.

    A code that is not accepted is asked for again if the UI is interactive. Each code is sent once.

    Raises:
        InputEndedError: Input ended before the code.
        InvalidCodeInputError: The text cannot be a code; it was not sent.
        OutcomeUnknownError: The code may be used.
        ApiError: The code was not accepted and is not used.
    """
    while account.state.stage is Stage.CHALLENGE_PENDING:
        typed = await read_code(ui)
        if typed is None:
            choices = (messages.ENTER_CODE, messages.NO_CODE, messages.GIVE_UP)
            match await ui.choose(messages.WHAT_NEXT, choices):
                case 1:
                    await explain_missing_codes(account, ui)
                case 2:
                    return False
            continue
        await _send_code(account, ui, typed)
    return account.state.stage is not Stage.NO_SESSION


async def step_up(account: Account, ui: UI) -> bool:
    """Ask for a factor before an action that needs a step-up; return whether one was given.

    Raises:
        MfaTuiError: It was not accepted.
    """
    ui.show(messages.STEP_UP)
    typed = await read_code(ui)
    if typed is None:
        return False
    ui.show_progress(messages.checking(typed))
    await account.authenticate(typed, step_up=True)
    if typed.kind is FactorKind.RECOVERY:
        ui.show(messages.CODE_USED_UP)
        ui.show(messages.with_full_stop(await messages.read_codes_left(account)))
    return True


async def read_challenge_result(account: Account) -> str:
    """Return that the challenge is passed, and how many codes are left."""
    return messages.challenge_passed(await messages.read_codes_left(account))


def show_low_codes(account: Account, ui: UI) -> None:
    """Show the advice for a set with few codes left, if there is any."""
    if advice := messages.low_codes(account.state):
        ui.show(advice)


async def explain_missing_codes(account: Account, ui: UI) -> None:
    """Show whom to contact for a user who has no code left.

    Raises:
        ApiError: The service refused, or did not respond.
    """
    settings = await account.get_settings()
    ui.show(messages.no_code(settings.general.support_email))


async def read_code(ui: UI) -> TypedCode | None:
    """Ask for a code until one is valid; None if the user goes back.

    A code of an unusual form is returned only if the user types it twice.

    Raises:
        InputEndedError: Input ended.
        InvalidCodeInputError: The text cannot be a code, and the UI is not interactive.
    """
    unusual = None
    while (text := await ui.read_secret(messages.CODE_LABEL)) is not None:
        try:
            typed = parse_code(text.reveal())
        except InvalidCodeInputError as error:
            if not ui.is_interactive:
                raise
            ui.show(error)
            continue
        if typed.warning and not ui.is_interactive:
            ui.show(f"{typed.warning} {messages.SENT_UNCHANGED}")
        elif typed.warning and typed.code != unusual:
            unusual = typed.code
            ui.show(f"{typed.warning} {messages.ASK_AGAIN}")
            continue
        return typed
    return None


async def _send_code(account: Account, ui: UI, typed: TypedCode) -> None:
    """Send a code once, and show the result; raise it if the user cannot be asked again."""
    ui.show_progress(messages.checking(typed))
    try:
        await account.authenticate(typed)
    except OutcomeUnknownError:
        status = await account.check_challenge()
        if status is not ChallengeStatus.PASSED and not ui.is_interactive:
            raise
        ui.show(messages.CHALLENGE_STATUS[status])
    except (InvalidCodeError, DeviceNotFoundError) as error:
        if not ui.is_interactive:
            raise
        ui.show(error)
    else:
        if typed.kind is FactorKind.RECOVERY:
            ui.show(messages.CODE_USED_UP)
