"""The `PromptUI` of the commands that may rotate: `rotate`, `use` and `login`."""

from mfa_tui.account.account import Account
from mfa_tui.cli.command_ui import CommandUI
from mfa_tui.cli.commands import codes
from mfa_tui.redaction import Secret
from mfa_tui.terminal import console
from mfa_tui.terminal.stores.store import CodeStore
from mfa_tui.workflows.save import prepare, save_prepared


class RotateUI(CommandUI):
    """Saves new codes to a place or, without one, prints them to stdout.

    Args:
        store: The place.
        assume_yes: Whether to confirm without asking.
        as_json: Whether to print JSON.
    """

    def __init__(self, store: CodeStore | None = None, *, assume_yes: bool = False, as_json: bool = False) -> None:
        super().__init__(assume_yes=assume_yes)
        self._store = store
        self._password = Secret("")
        self._as_json = as_json
        self.backup_options = [f"in {store.name}"] if store else ["by copying what is printed"]
        """The ways to keep the new codes."""

    async def prepare(self) -> bool:
        """Check that the place can take codes; return False if the user gives no password to one that needs it.

        Raises:
            MfaTuiError: It cannot.
        """
        password = Secret("") if self._store is None else await prepare(self, self._store)
        self._password = password or Secret("")
        return password is not None

    async def show_codes(self, account: Account) -> None:
        """Save or print the codes.

        Raises:
            MfaTuiError: The place did not take or return them.
            OutputLostError: They could not be printed.
        """
        if self._store is None:
            await codes.show(account, as_json=self._as_json)
        else:
            await save_prepared(account, self, self._store, self._password)
            if self._as_json:
                console.print_text(codes.saved_report(account, self._store))
