"""Completing the pending challenge, and stepping up before a protected action."""

from collections.abc import Sequence

from mfa_tui import formatting
from mfa_tui.account.account import Account
from mfa_tui.account.challenge import ChallengeStatus
from mfa_tui.account.errors import InvalidCodeInputError
from mfa_tui.account.state import Stage
from mfa_tui.account.typed_code import FactorKind, TypedCode, parse_code
from mfa_tui.client.errors import DeviceNotFoundError, InvalidCodeError, NotSignedInError, OutcomeUnknownError
from mfa_tui.errors import MfaTuiError
from mfa_tui.terminal import browser
from mfa_tui.workflows import messages
from mfa_tui.workflows.passkeys import use_passkey
from mfa_tui.workflows.prompt_ui import PromptUI
from mfa_tui.workflows.rotate import rotate
from mfa_tui.workflows.ui import UI


class UnusualCodeError(InvalidCodeInputError):
    """The text has an unusual form for a code; it was not sent yet."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "Correct it, or enter the same once more to send it unchanged.")


class RefusedCodeError(InvalidCodeInputError):
    """The service has just refused this code; it was not sent again."""

    def __init__(self) -> None:
        super().__init__(
            "This was not accepted just now, and was not sent again.",
            "Correct it, or use the next code: after too many wrong attempts you must wait.",
        )


class CodeCheck:
    """Checks typed codes before they are sent: an unusual one takes a second entry, a refused one is not sent again."""

    def __init__(self) -> None:
        self._unusual: TypedCode | None = None
        self._refused: TypedCode | None = None

    def parse(self, text: str) -> TypedCode:
        """Return the code to send.

        Raises:
            UnusualCodeError: Its form is unusual, and it was not entered twice.
            RefusedCodeError: The service did not accept it before.
            InvalidCodeInputError: The text cannot be a code.
        """
        typed = parse_code(text)
        if typed == self._refused:
            raise RefusedCodeError
        if typed.warning and typed != self._unusual:
            self._unusual = typed
            raise UnusualCodeError(typed.warning)
        return typed

    def refuse(self, typed: TypedCode) -> None:
        """Do not return this code again: the service did not accept it."""
        self._refused = typed


async def introduce_challenge(account: Account, ui: UI) -> None:
    """Show which factors can pass the challenge."""
    factors = await account.list_challenge_factors()
    names = [formatting.with_article(factor.value) for factor in factors if factor is not FactorKind.PASSKEY]
    ui.show(messages.challenge_introduction(names, ignores_case=account.profile.is_built_in))


async def complete_challenge(account: Account, ui: PromptUI) -> bool:
    """Ask for factors until the pending challenge is passed or the user gives up; return whether it is passed.

    A user with a passkey chooses first. A code that is not accepted is asked for again if the UI is interactive. Each
    code is sent once.

    Raises:
        InputEndedError: Input ended before the code.
        InvalidCodeInputError: The text cannot be a code; it was not sent.
        OutcomeUnknownError: The code may be used.
        ApiError: The code was not accepted and is not used.
    """
    check = CodeCheck()
    methods = await _methods(account, ui)
    choices = (*methods, messages.NO_CODE, messages.GIVE_UP)
    chosen = messages.ENTER_CODE if len(methods) == 1 else choices[await ui.choose(messages.WHAT_NEXT, choices)]
    while account.state.stage is Stage.CHALLENGE_PENDING:
        if chosen == messages.GIVE_UP:
            return False
        if chosen == messages.NO_CODE:
            await explain_missing_codes(account, ui)
            chosen = messages.ENTER_CODE
            continue
        if chosen == messages.USE_PASSKEY:
            await try_passkey(account, ui)
        elif typed := await read_code(ui, check):
            if not await send_code(account, ui, typed):
                check.refuse(typed)
            continue
        if account.state.stage is Stage.CHALLENGE_PENDING:
            chosen = choices[await ui.choose(messages.WHAT_NEXT, choices)]
    return account.state.stage is not Stage.NO_SESSION


async def step_up(account: Account, ui: PromptUI) -> bool:
    """Ask for a factor before an action that needs a step-up; return whether one was given.

    Raises:
        MfaTuiError: It was not accepted.
    """
    methods = await _methods(account, ui)
    if len(methods) > 1:
        choices = (*methods, messages.GIVE_UP)
        match choices[await ui.choose(messages.STEP_UP.heading + ":", choices)]:
            case messages.USE_PASSKEY:
                return await use_passkey(account, ui, step_up=True)
            case messages.GIVE_UP:
                return False
    ui.show(messages.STEP_UP)
    typed = await read_code(ui, CodeCheck())
    if typed is None:
        return False
    ui.show_progress(messages.checking(typed))
    await account.authenticate(typed, step_up=True)
    if typed.kind is FactorKind.RECOVERY:
        ui.show(messages.CODE_USED_UP)
        ui.show(messages.with_full_stop(await read_codes_left(account)))
    return True


async def try_passkey(account: Account, ui: UI) -> None:
    """Use a passkey; if that fails, show why: a code is the next choice.

    Raises:
        MfaTuiError: The user cannot be asked again.
    """
    try:
        await use_passkey(account, ui)
    except NotSignedInError:
        raise
    except MfaTuiError as error:
        if not ui.is_interactive:
            raise
        ui.show(error)


async def _methods(account: Account, ui: UI) -> tuple[str, ...]:
    """Return the ways to give a factor, the best one first: over SSH a passkey takes more steps."""
    if not ui.is_interactive or FactorKind.PASSKEY not in await account.list_challenge_factors():
        return (messages.ENTER_CODE,)
    both = (messages.USE_PASSKEY, messages.ENTER_CODE)
    return both[::-1] if browser.is_over_ssh() else both


async def read_challenge_result(account: Account) -> str:
    """Return that the challenge is passed, and how many codes are left."""
    return messages.challenge_passed(await read_codes_left(account))


async def read_codes_left(account: Account) -> str:
    """Read the set and return how many codes are left; empty if it cannot be read.

    For use after an operation that succeeded, which a failed read does not take back.
    """
    try:
        await account.read_codes()
    except MfaTuiError:
        return ""
    return messages.codes_left(account.state)


async def advise_after_use(account: Account, ui: UI, backup_options: Sequence[str]) -> None:
    """Show the advice for a set with few codes left; if none is left, offer to rotate on the spot.

    Raises:
        MfaTuiError: Nothing was replaced, or it is not certain that the new codes work.
    """
    if advice := messages.low_codes(account.state):
        ui.show(advice)
    if advice is messages.NO_CODES_LEFT and ui.is_interactive:
        await rotate(account, ui, backup_options)


async def explain_missing_codes(account: Account, ui: UI) -> None:
    """Show whom to contact for a user who has no code left.

    Raises:
        ApiError: The service refused, or did not respond.
    """
    settings = await account.get_settings()
    ui.show(messages.no_code(settings.general.support_email))


async def read_code(ui: PromptUI, check: CodeCheck) -> TypedCode | None:
    """Ask for a code until one can be sent; None if the user goes back.

    Raises:
        InputEndedError: Input ended.
        InvalidCodeInputError: The text cannot be a code, and the UI is not interactive.
    """
    while (text := await ui.read_secret(messages.CODE_LABEL)) is not None:
        if not ui.is_interactive:
            typed = parse_code(text.reveal())
            if typed.warning:
                raise InvalidCodeInputError(typed.warning)
            return typed
        try:
            return check.parse(text.reveal())
        except InvalidCodeInputError as error:
            ui.show(error)
    return None


async def send_code(account: Account, ui: UI, typed: TypedCode) -> bool:
    """Send a code once, and show the result; return False if the service did not accept it.

    Raises:
        OutcomeUnknownError: The code may be used, and the user cannot be asked again.
        InvalidCodeError: The code was not accepted, and the user cannot be asked again.
        ApiError: The code was not accepted and is not used.
    """
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
        return False
    else:
        if typed.kind is FactorKind.RECOVERY:
            ui.show(messages.CODE_USED_UP)
    return True
