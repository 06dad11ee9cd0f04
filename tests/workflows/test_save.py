import pytest

from mfa_tui.account.account import Account
from mfa_tui.redaction import Secret
from mfa_tui.storage.saved_codes import Sheet
from mfa_tui.workflows.save import NotKeptError, load, prepare, save
from tests.support.scripted_ui import ScriptedUI


class MemoryStore:
    """A place in memory, which keeps only the first codes of a sheet."""

    name = "memory"
    uses_terminal = True
    advice = "Remember it."

    def __init__(self, keeps: int = 10, password_label: str = "") -> None:
        self.password_label = password_label
        self._keeps = keeps
        self.text = ""
        self.prepared_with = ""

    async def prepare(self, password: Secret) -> None:
        self.prepared_with = password.reveal()

    async def save(self, sheet: Sheet, _password: Secret) -> None:
        self.text = Sheet(sheet.header, sheet.codes[: self._keeps]).as_text()

    async def load(self, _password: Secret) -> str:
        return self.text


async def test_saved_codes_are_read_back(account: Account) -> None:
    ui = ScriptedUI()
    await save(account, ui, MemoryStore())
    assert "Saved to memory" in ui.shown[-1]


async def test_codes_are_not_saved_if_the_place_returns_others(account: Account) -> None:
    ui = ScriptedUI()
    with pytest.raises(NotKeptError, match="does not return them"):
        await save(account, ui, MemoryStore(keeps=9))
    assert ui.shown == []


async def test_place_with_a_password_is_prepared_with_it() -> None:
    store = MemoryStore(password_label="password of memory")
    assert await prepare(ScriptedUI("open"), store) == Secret("open")
    assert store.prepared_with == "open"


async def test_place_without_its_password_is_left_alone() -> None:
    store = MemoryStore(password_label="password of memory")
    assert await prepare(ScriptedUI(None), store) is None
    assert await load(ScriptedUI(None), store) is None
    assert store.prepared_with == ""
