"""Saving the codes to a place that the user has, and reading them back from there.

The account records it: codes that the user has count as shown.
"""

from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime

from mfa_tui import formatting, sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.state import RotationStatus
from mfa_tui.errors import MfaTuiError
from mfa_tui.redaction import Secret
from mfa_tui.storage import saved_codes
from mfa_tui.storage.saved_codes import Sheet
from mfa_tui.terminal import printer
from mfa_tui.terminal.console import hints
from mfa_tui.terminal.stores.store import CodeStore
from mfa_tui.workflows import messages
from mfa_tui.workflows.ui import UI, Confirmation


class NotKeptError(MfaTuiError):
    """A place returned other codes than those that were saved there.

    Args:
        name: The name of the place.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{formatting.path_name(name)} took the codes, but does not return them.",
            impact="They are at the service, and not safely saved there.",
            hint="Save them to another place.",
        )


async def prepare(ui: UI, store: CodeStore) -> Secret | None:
    """Ask for the password of a place, if it needs one, and check that codes can be saved there now.

    Returns the password; None if the user gives none.

    Raises:
        InputEndedError: Input ended.
        MfaTuiError: The place cannot take codes; nothing was changed.
    """
    password = await _read_password(ui, store)
    if password is not None:
        await store.prepare(password)
    return password


async def save(account: Account, ui: UI, store: CodeStore) -> bool:
    """Save the codes of the state to a place, and check that it returns them; return whether it was done.

    Raises:
        NotKeptError: The place returns other codes.
        MfaTuiError: The place did not take or return them.
    """
    password = await prepare(ui, store)
    if password is None:
        return False
    await save_prepared(account, ui, store, password)
    return True


async def save_prepared(account: Account, ui: UI, store: CodeStore, password: Secret) -> None:
    """Save the codes as `save` does, to a place that is prepared with this password.

    Raises:
        NotKeptError: The place returns other codes.
        MfaTuiError: The place did not take or return them.
    """
    codes, sheet = account.state.codes, codes_sheet(account)
    live = codes.recovery_codes if codes else ()
    with _terminal_for(ui, store):
        await store.save(sheet, password)
        kept = await store.load(password)
    if saved_codes.count_codes(kept, live).live < len(live):
        raise NotKeptError(store.name)
    ui.show(messages.saved(store, account.state))  # at once: a read that is under way holds the lock of the record
    if codes is not None:
        await account.mark_saved(codes, formatting.path_name(store.name))


async def print_on_paper(account: Account, ui: UI) -> None:
    """Print the codes of the state, if the user confirms the printer.

    Raises:
        PrinterError: The printer did not take them.
    """
    if not await ui.confirm(_print_confirmation(await printer.default_name())):
        ui.show(messages.NOT_PRINTED)
        return
    codes, sheet = account.state.codes, codes_sheet(account)
    ui.show_progress(messages.PRINTING)
    await printer.print_text(sheet.as_form())
    ui.show(messages.printed(account.state))
    if codes is not None:
        await account.mark_saved(codes, "the printer")


def _print_confirmation(name: str) -> Confirmation:
    to = f"the printer {name}" if name else "your default printer"
    return Confirmation(
        question="Print the codes?",
        consequences=(
            f"They are sent to {to}. Anyone who gets to the paper before you can use them, and a shared printer may "
            "keep a copy.",
        ),
        cancel="Do not print",
        confirm="Print",
        action="print",
    )


def codes_sheet(account: Account) -> Sheet:
    """Return the codes to save, with account, service, date, and that each code works once.

    If it is not known whether they were replaced, the header says so first.
    """
    state = account.state
    codes = state.numbered_codes
    header = [
        ("account", sanitize.one_line(state.email, 254)),
        ("service", account.service_name),
        ("environment", sanitize.one_line(account.user.project_environment_id, 64)),
        ("saved", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"),
        ("codes", str(len(codes))),
    ]
    if state.rotation_status is RotationStatus.UNKNOWN:
        in_doubt = hints.complete("these may have been replaced: mfa-tui codes finds out")
        header.insert(0, ("in doubt", in_doubt))
    return Sheet(tuple(header), tuple(codes.items()))


async def load(ui: UI, store: CodeStore) -> str | None:
    """Return the text that is kept in a place; None if the user gives no password to one that needs it.

    Raises:
        MfaTuiError: Nothing is there, or it could not be read.
    """
    password = await _read_password(ui, store)
    if password is None:
        return None
    with _terminal_for(ui, store):
        return await store.load(password)


async def _read_password(ui: UI, store: CodeStore) -> Secret | None:
    return await ui.read_secret(store.password_label) if store.password_label else Secret("")


def _terminal_for(ui: UI, store: CodeStore) -> AbstractContextManager[None]:
    return ui.lend_terminal() if store.uses_terminal else nullcontext()
