"""Signing in anew, for the verbs that do: by the program's own mailbox, or with the code from a person's mail."""

from mfa_tui import sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.errors import InvalidEmailCodeInputError
from mfa_tui.client.errors import WrongEmailCodeError
from mfa_tui.errors import MfaTuiError, UsageError
from mfa_tui.terminal import console


class NoMailCodeError(console.InputEndedError):
    """Input ended before the code from the mail, which is under way."""

    def __init__(self) -> None:
        MfaTuiError.__init__(
            self,
            "Input ended before the code from the mail came.",
            impact="The mail went out; nobody is signed in, and no recovery code is spent.",
            hint="Run it again in a terminal, or give the code from its mail as the first line on standard input.",
        )


async def sign_in(account: Account) -> None:
    """Sign in, where a person is needed with the code that they type or that is the next line of stdin.

    Raises:
        UsageError: It is not known where, or as whom.
        NoMailCodeError: Input ended before the code.
        MfaTuiError: The service refused, or did not answer; or it asks for what a terminal cannot do.
    """
    if account.signs_in_automatically:
        await account.sign_in_automatically()
        return
    if not account.profile.environment_id:
        raise UsageError(
            "It is not known which environment to sign in to.",
            hint="Give its id with --environment-id, or a profile that has one with --profile.",
        )
    verification = await account.request_email_code(account.profile.environment_id, _email(account))
    console.print_message(f"A code is on its way to {sanitize.one_line(verification.email, 254)}.")
    while True:
        try:
            code = console.read_secret("Code from the mail, six digits, not shown as you type: ")
            await account.sign_in(verification.verification_uuid, code)
        except console.InputEndedError:
            raise NoMailCodeError from None
        except (InvalidEmailCodeInputError, WrongEmailCodeError) as error:
            # The service ends this after three wrong ones.
            if not console.is_interactive():
                raise
            console.print_message(str(error))
        else:
            break
    await account.save_profile()


def _email(account: Account) -> str:
    if account.profile.email:
        return account.profile.email
    if not console.is_interactive():
        raise UsageError(
            "It is not known as whom to sign in.",
            hint="Give the address with --email, or write it in the profile.",
        )
    return sanitize.one_line(console.read_line("E-mail address: "), 254)
