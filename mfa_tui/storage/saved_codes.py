"""The file in which a user saves codes: writing it, and finding codes in any such text."""

import contextlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from mfa_tui import sanitize
from mfa_tui.redaction import Secret
from mfa_tui.storage import private_file
from mfa_tui.storage.errors import NotAFileError

MAX_BYTES = 1024 * 1024
"""The most that is read of a file with codes, in bytes."""

GROUP = 5
"""Symbols in a group: codes are written and shown in groups, which are easier to copy by hand."""

_MAX_CODE_LENGTH = 64
"""A code of the API has 10 symbols; more than these are not shown."""

TITLE = "MFA recovery codes"
"""The first line of a sheet."""

_LONE_CODE = re.compile(r"^\W*(?:\d{1,2}(?:[.):]\s*|\s+))?([A-Za-z0-9]{5})[ -]?([A-Za-z0-9]{5})\W*$")
_CODE_AMONG_OTHERS = re.compile(r"\b(?=[0-9]*[A-Z])[A-Z0-9]{10}\b")
"""A code in a JSON list, or one of two on a line; ten digits are more likely a time than a code."""


def shown_symbols(code: Secret) -> str:
    """Return a code's symbols as they are shown: whatever the service sent, they are on one line and harmless."""
    return sanitize.one_line(code.reveal(), _MAX_CODE_LENGTH)


def grouped(symbols: str) -> str:
    """Return a code's symbols in groups of five."""
    return " ".join(symbols[i : i + GROUP] for i in range(0, len(symbols), GROUP))


def parse_path(typed: str) -> Path:
    """Return the path that the user typed, unchanged but for `~`, which is their home folder."""
    name = typed.rstrip("\r\n")
    try:
        return Path(name).expanduser()
    except RuntimeError:  # the home folder is not known
        return Path(name)


def require_file(path: Path) -> None:
    """Check that a path can be a file's, whether or not the file exists.

    Raises:
        NotAFileError: The path is a folder, or is empty.
    """
    with contextlib.suppress(OSError, ValueError):
        if path.is_dir():
            raise NotAFileError(path)


def unused_path(folder: Path) -> Path:
    """Return the path of a new file for today's codes: no file of that name exists."""
    stem = f"mfa-recovery-codes-{datetime.now(UTC):%Y-%m-%d}"
    names = [f"{stem}.txt", *(f"{stem}-{number}.txt" for number in range(2, 100))]
    return next((folder / name for name in names if not (folder / name).exists()), folder / names[0])


class Sheet(msgspec.Struct, frozen=True):
    """The codes of a set to save: each with its number, under a header of names and values."""

    header: tuple[tuple[str, str], ...]
    codes: tuple[tuple[int, Secret], ...]

    @property
    def title(self) -> str:
        """The name of an entry in a password manager."""
        return f"{TITLE}: {dict(self.header)['account']}"

    def as_text(self) -> str:
        """Return the sheet as the text of a file."""
        return self._with_lines(f"{number:>2}  {grouped(code.reveal())}" for number, code in self.codes)

    def as_form(self) -> str:
        """Return the sheet as a text to print, with a box to tick for each code that is used."""
        return self._with_lines(f"[ ]  {number:>2}  {grouped(code.reveal())}\n" for number, code in self.codes)

    def _with_lines(self, lines: Iterable[str]) -> str:
        header = (f"{name + ':':<13}{value}" for name, value in self.header)
        return "\n".join((TITLE, "", *header, "", "Each code works once.", "", *lines)) + "\n"


def write(path: Path, content: bytes) -> None:
    """Write codes to a new file, mode 0600. It is on the disk when this returns.

    The file never replaces an existing one and is never written through a link; a partial file is removed.

    Raises:
        StorageError: It could not be written.
    """
    require_file(path)
    private_file.create(path, content)


def require_writable(path: Path) -> None:
    """Check that `write` could create this file now, by creating an empty one and removing it.

    Raises:
        StorageError: It could not, for example because it exists already or its folder does not.
    """
    require_file(path)
    private_file.create(path, b"")
    private_file.remove(path)


class FoundCodes(msgspec.Struct, frozen=True):
    """How many codes of a set a text contains, how many other codes, and the numbers of the lines with others."""

    live: int
    others: int
    lines_with_others: tuple[int, ...] = ()


def count_codes(text: str, live: Sequence[Secret]) -> FoundCodes:
    """Count the codes of the set `live` anywhere in the text, in groups or not, in any case.

    Any other text in the form of a code, if it is alone on its line or all in capitals, counts among the others.
    """
    squeezed = re.sub(r"[\s-]", "", text).upper()
    known = {code.reveal().upper() for code in live}
    others = {number: _codes_in(line) - known for number, line in enumerate(text.splitlines(), start=1)}
    return FoundCodes(
        live=sum(code in squeezed for code in known),
        others=len(set().union(*others.values())),
        lines_with_others=tuple(number for number, codes in others.items() if codes),
    )


def _codes_in(line: str) -> set[str]:
    """Return every text in the form of a code, in capitals."""
    alone = _LONE_CODE.match(line)
    return {*_CODE_AMONG_OTHERS.findall(line), *(["".join(alone.groups()).upper()] if alone else [])}
