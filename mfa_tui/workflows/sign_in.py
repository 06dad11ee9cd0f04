"""Signing in with a code from an e-mail, and signing out."""

from contextlib import suppress

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.errors import InvalidEmailCodeInputError
from mfa_tui.account.state import Stage
from mfa_tui.account.typed_code import FactorKind
from mfa_tui.client.errors import ApiError, NotSentError, WrongEmailCodeError
from mfa_tui.errors import UsageError
from mfa_tui.protocol import models
from mfa_tui.storage.profile import parse_environment_id
from mfa_tui.workflows import messages
from mfa_tui.workflows.prompt_ui import PromptUI
from mfa_tui.workflows.ui import UI, Confirmation


async def sign_in(account: Account, ui: PromptUI) -> bool:
    """Sign in: automatically if the program can read the e-mail, else by asking the user.

    Returns whether a session was started; not if the user starts over. A new profile is written to the configuration.

    Raises:
        UsageError: The environment or the e-mail address is not known, and the user cannot be asked.
        InputEndedError: Input ended.
        MfaTuiError: The service refused, or did not respond; or the environment needs a browser.
    """
    if account.signs_in_automatically:
        await account.sign_in_automatically()
        return True
    before = account.profile
    environment_id = before.environment_id or await _read_environment_id(ui)
    email = before.email or await _read_email(ui)
    try:
        ui.show_progress(messages.REQUESTING_EMAIL_CODE)
        verification = await account.request_email_code(environment_id, email)
        ui.show(messages.email_code_sent(verification))
        await _enter_email_code(account, ui, verification)
    finally:
        if account.state.session is None:
            account.select_environment(before.environment_id, before.email)
    if account.state.session is None:
        return False
    await account.save_profile()
    return True


async def sign_out(account: Account, ui: UI) -> bool:
    """End the session here and at the service; return whether it was done.

    If the user may not be able to sign in again, this asks first.

    Raises:
        NotRevokedError: The session is removed here, but the service may keep it.
        StorageError: The stored session could not be read or removed.
    """
    if (risk := await _risk_of_signing_out(account)) and not await ui.confirm(_sign_out_confirmation(risk)):
        ui.show(messages.STILL_SIGNED_IN)
        return False
    await account.sign_out()
    ui.show(messages.SIGNED_OUT)
    return True


async def _risk_of_signing_out(account: Account) -> str:
    """Return why the user may not be able to sign in again, as a sentence; empty if no reason is known."""
    if account.state.stage is Stage.CODES_NOT_CONFIRMED:
        return messages.RISK_NOT_CONFIRMED
    if account.state.stage is Stage.READY and account.state.has_codes:
        with suppress(ApiError):
            await account.read_codes()
        is_last_factor = await account.list_challenge_factors() == [FactorKind.RECOVERY]
        if account.state.codes is not None and account.state.codes.count == 0 and is_last_factor:
            return messages.RISK_NO_FACTOR
    return ""


def _sign_out_confirmation(risk: str) -> Confirmation:
    return Confirmation(
        question="Sign out?",
        consequences=(risk,),
        cancel="Stay signed in",
        confirm="Sign out",
        action="sign out",
    )


async def _enter_email_code(account: Account, ui: PromptUI, verification: models.EmailVerification) -> None:
    while account.state.session is None:
        code = await ui.read_secret(messages.EMAIL_CODE_LABEL)
        if code is not None:
            try:
                await account.sign_in(verification.verification_uuid, code)
            except (InvalidEmailCodeInputError, WrongEmailCodeError, NotSentError) as error:
                if not ui.is_interactive:
                    raise
                ui.show(error)
            continue
        choices = (messages.ENTER_CODE, messages.RESEND_EMAIL_CODE, messages.START_OVER)
        match await ui.choose(messages.WHAT_NEXT, choices):
            case 1:
                try:
                    verification = await account.send_email_code(verification.email)
                except ApiError as error:
                    ui.show(error)
                else:
                    ui.show(messages.email_code_sent(verification))
            case 2:
                return


async def _read_environment_id(ui: PromptUI) -> str:
    if not ui.is_interactive:
        raise UsageError(
            "No environment given.", hint="Give its id with --environment-id, or a profile that has one with --profile."
        )
    ui.show(messages.ENVIRONMENT_NEEDED)
    while True:
        if environment_id := parse_environment_id(await ui.read_line(messages.ENVIRONMENT_LABEL)):
            return environment_id
        ui.show(messages.INVALID_ENVIRONMENT_ID)


async def _read_email(ui: PromptUI) -> str:
    if not ui.is_interactive:
        raise UsageError("No e-mail address given.", hint="Give it with --email, or write it in the profile.")
    return sanitize.one_line(await ui.read_line(messages.EMAIL_LABEL), 254)
