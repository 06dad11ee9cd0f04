"""Parses the name of a place in which codes are kept."""

from collections.abc import Callable
from functools import partial

from mfa_tui import formatting, sanitize
from mfa_tui.errors import UsageError
from mfa_tui.terminal.stores.age import AgeStore
from mfa_tui.terminal.stores.bitwarden import BitwardenStore
from mfa_tui.terminal.stores.file import FileStore
from mfa_tui.terminal.stores.gpg import GpgStore
from mfa_tui.terminal.stores.keepassxc import KeePassXCStore
from mfa_tui.terminal.stores.one_password import OnePasswordStore
from mfa_tui.terminal.stores.password_store import PasswordStore
from mfa_tui.terminal.stores.printable import PrintableStore
from mfa_tui.terminal.stores.store import NAMES, CodeStore

_STORES: dict[str, Callable[[str], CodeStore]] = {
    "pass": PasswordStore,
    "keepassxc": KeePassXCStore,
    "age": partial(AgeStore, prefix="age:"),
    "gpg": partial(GpgStore, prefix="gpg:"),
    "bitwarden": partial(BitwardenStore, prefix="bitwarden:"),
    "1password": partial(OnePasswordStore, prefix="1password:"),
    "printable": partial(PrintableStore, prefix="printable:"),
}

_SUFFIXES = {".age": "age", ".gpg": "gpg", ".asc": "gpg", ".kdbx": "keepassxc"}
"""Endings of files that must not be text: a user who types one expects encryption."""


def parse_place(typed: str) -> CodeStore:
    """Return the place with this name: a file, or a kind of place and its own name, as in `pass:mfa/work`.

    Raises:
        UsageError: No such kind of place exists, or it needs another name.
    """
    kind, colon, name = typed.partition(":")
    if colon and name and kind in _STORES:
        return _STORES[kind](name)
    if colon and (suggestion := formatting.did_you_mean(kind, _STORES)):
        message = f"{sanitize.one_line(typed, 200)} is no place.{suggestion}"
        raise UsageError(message, hint=f"Places are {formatting.listing(NAMES)}.")
    for suffix, encrypted in _SUFFIXES.items():
        if any(part.lower().endswith(suffix) for part in (typed, typed.rpartition(":")[0])):
            return _STORES[encrypted](typed)
    return FileStore(typed)
