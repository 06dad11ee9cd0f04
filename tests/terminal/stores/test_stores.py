"""Each place takes a sheet and returns its codes, through the real tool."""

import json
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mfa_tui.errors import UsageError
from mfa_tui.redaction import Secret
from mfa_tui.storage.errors import StorageError
from mfa_tui.storage.saved_codes import Sheet, count_codes
from mfa_tui.terminal.stores.keepassxc import KeePassXCStore
from mfa_tui.terminal.stores.places import parse_place
from mfa_tui.terminal.stores.store import CodeStore, ProgramMissingError, StoreError
from tests.support.terminals import require

CODES = tuple(Secret(f"ABCDEFGH{number}{number}") for number in range(2, 10))
SHEET = Sheet((("account", "me@example.org"), ("service", "work")), tuple(enumerate(CODES, start=1)))
NO_PASSWORD = Secret("")

PINENTRY = """\
#!/bin/sh
echo "OK"
while read -r line; do
  case "$line" in GETPIN*) printf 'D passphrase\\nOK\\n' ;; BYE*) exit ;; *) echo "OK" ;; esac
done
"""
"""A program that gives GnuPG's agent a passphrase, as the user does in a dialog."""


@pytest.fixture
def gnupg(home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home folder of a GnuPG whose agent asks `PINENTRY`. The agent's socket has to have a short path."""
    require("gpg")
    folder = tmp_path_factory.mktemp("g")
    folder.chmod(0o700)
    pinentry = home / "pinentry"
    pinentry.write_text(PINENTRY)
    pinentry.chmod(0o700)
    # Without a count, the agent takes 3 s to measure how long it derives a key from a passphrase.
    (folder / "gpg-agent.conf").write_text(f"pinentry-program {pinentry}\ns2k-count 65536\n")
    monkeypatch.setenv("GNUPGHOME", str(folder))
    yield folder
    subprocess.run(["gpgconf", "--kill", "all"], check=False)


@pytest.fixture
def password_store(home: Path, gnupg: Path) -> Path:
    """An initialized store of `pass`, with a key that has a passphrase."""
    require("pass")
    key = ["gpg", "--batch", "--quiet", "--quick-generate-key", "me@example.org", "future-default"]
    subprocess.run(key, check=True, env=os.environ | {"GNUPGHOME": str(gnupg)})
    subprocess.run(["pass", "init", "me@example.org"], check=True, stdout=subprocess.DEVNULL)
    return home / ".password-store"


def only_file(folder: Path) -> Path:
    (path,) = (path for path in folder.iterdir() if path.is_file())
    return path


def entries(database: Path) -> list[str]:
    """The entries and groups of the database."""
    listed = ["keepassxc-cli", "ls", "--quiet", str(database)]
    return subprocess.run(listed, input="password\n", capture_output=True, text=True, check=True).stdout.split()


async def assert_keeps_codes(store: CodeStore, password: Secret = NO_PASSWORD) -> None:
    await store.prepare(password)
    await store.save(SHEET, password)
    assert count_codes(await store.load(password), CODES).live == len(CODES)


@pytest.mark.parametrize("typed", ["codes.txt", "printable:codes.txt", "bitwarden:codes.json", "1password:codes.json"])
async def test_file_keeps_codes_for_its_owner_only(typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    await assert_keeps_codes(parse_place(typed))
    path = only_file(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(StorageError, match="exists already"):
        await parse_place(typed).prepare(NO_PASSWORD)


async def test_printable_file_has_a_box_for_each_code(tmp_path: Path) -> None:
    await parse_place(f"printable:{tmp_path}/form.txt").save(SHEET, NO_PASSWORD)
    form = (tmp_path / "form.txt").read_text()
    assert "account:     me@example.org" in form
    assert "[ ]   1  ABCDE FGH22" in form


async def test_bitwarden_file_is_a_vault_with_a_note(tmp_path: Path) -> None:
    await parse_place(f"bitwarden:{tmp_path}/vault.json").save(SHEET, NO_PASSWORD)
    vault = json.loads((tmp_path / "vault.json").read_text())
    (item,) = vault["items"]
    assert (vault["encrypted"], item["type"], item["secureNote"]) == (False, 2, {"type": 0})
    assert item["name"] == "MFA recovery codes: me@example.org"


async def test_one_password_file_is_a_template_of_a_note(tmp_path: Path) -> None:
    await parse_place(f"1password:{tmp_path}/item.json").save(SHEET, NO_PASSWORD)
    item = json.loads((tmp_path / "item.json").read_text())
    assert (item["category"], item["fields"][0]["id"]) == ("SECURE_NOTE", "notesPlain")


@pytest.mark.parametrize("kind", ["bitwarden", "1password"])
async def test_json_of_another_program_is_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"items": 1}')
    with pytest.raises(StoreError, match="not a JSON file of"):
        await parse_place(f"{kind}:{path}").load(NO_PASSWORD)


@pytest.mark.usefixtures("gnupg")
@pytest.mark.parametrize("typed", ["gpg:codes", "codes.gpg", "codes.txt.asc"])
async def test_gpg_file_is_encrypted(typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    await assert_keeps_codes(parse_place(typed))
    path = only_file(tmp_path)
    assert path.read_text().startswith("-----BEGIN PGP MESSAGE-----")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_pass_keeps_codes(password_store: Path) -> None:
    await assert_keeps_codes(parse_place("pass:mfa/work"))
    assert (password_store / "mfa" / "work.gpg").exists()


async def test_pass_entry_is_never_replaced(password_store: Path) -> None:
    store = parse_place("pass:mfa")
    await store.save(SHEET, NO_PASSWORD)
    before = (password_store / "mfa.gpg").read_bytes()
    with pytest.raises(StoreError, match="exists already"):
        await store.save(SHEET, NO_PASSWORD)
    assert (password_store / "mfa.gpg").read_bytes() == before


@pytest.mark.parametrize("other_name", ["/mfa/work", "mfa/work/", "mfa//work", "./mfa/work"])
async def test_pass_entry_is_not_replaced_by_another_of_its_names(password_store: Path, other_name: str) -> None:
    await parse_place("pass:mfa/work").save(SHEET, NO_PASSWORD)
    before = (password_store / "mfa" / "work.gpg").read_bytes()
    with pytest.raises(StoreError, match="exists already"):
        await parse_place(f"pass:{other_name}").save(SHEET, NO_PASSWORD)
    assert (password_store / "mfa" / "work.gpg").read_bytes() == before


async def test_pass_entry_needs_a_name() -> None:
    with pytest.raises(StoreError, match="has no name"):
        await parse_place("pass:/").prepare(NO_PASSWORD)


@pytest.mark.usefixtures("gnupg")
async def test_pass_without_a_store_says_so() -> None:
    require("pass")
    with pytest.raises(StoreError, match="pass init"):
        await parse_place("pass:mfa").prepare(NO_PASSWORD)


async def test_keepassxc_keeps_codes(database: Path) -> None:
    await assert_keeps_codes(parse_place(f"keepassxc:{database}:mfa work"), Secret("password"))


async def test_keepassxc_entry_is_never_replaced(database: Path) -> None:
    store = parse_place(f"keepassxc:{database}:mfa")
    await store.save(SHEET, Secret("password"))
    other = Sheet(SHEET.header, ((1, Secret("ZZZZZZZZZZ")),))
    with pytest.raises(StoreError):
        await store.save(other, Secret("password"))
    assert count_codes(await store.load(Secret("password")), CODES).live == len(CODES)


async def test_keepassxc_refuses_a_wrong_password(database: Path) -> None:
    with pytest.raises(StoreError, match="Invalid credentials"):
        await parse_place(f"keepassxc:{database}:mfa").prepare(Secret("wrong"))


async def test_keepassxc_adds_no_entry_without_codes(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(store: KeePassXCStore, *_: object) -> None:
        assert entries(database) == ["mfa"]
        raise StoreError(store.name, "the disk is full")

    monkeypatch.setattr(KeePassXCStore, "_attach", refuse)
    with pytest.raises(StoreError, match="the disk is full"):
        await parse_place(f"keepassxc:{database}:mfa").save(SHEET, Secret("password"))
    assert "mfa" not in entries(database)


@pytest.mark.parametrize("typed", ["pass:mfa", "keepassxc:a.kdbx:mfa"])
async def test_place_without_its_program_says_so(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ProgramMissingError, match="is not installed"):
        await parse_place(typed).prepare(NO_PASSWORD)


@pytest.mark.parametrize("typed", ["keepassxc:a.kdbx", "passwords.kdbx"])
def test_keepassxc_needs_an_entry(typed: str) -> None:
    with pytest.raises(UsageError, match="name of an entry"):
        parse_place(typed)


def test_mistyped_kind_of_place_is_no_file() -> None:
    with pytest.raises(UsageError, match="Did you mean keepassxc"):
        parse_place("keepasxc:a.kdbx:mfa")
