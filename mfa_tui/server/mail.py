"""The outbox: a folder of mails, each a complete RFC 5322 file."""

import re
from collections.abc import Iterable
from contextlib import suppress
from email.utils import formatdate
from pathlib import Path
from uuid import uuid4

from mfa_tui.atomic_file import StagedFile

NOTICES_KEPT_SECONDS = 90 * 24 * 3600
"""How long a notice stays in the outbox."""

_NOTICE = re.compile(r"notice-(\d{9,12})-")
_FROM = "mfa-tui <no-reply@mfa-tui.localhost>"


class Outbox:
    """A folder of mails. A program that sends them, if there is one, removes those that it has sent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def draft_sign_in_code(self, to: str, verification_id: str, code: str, now: float) -> StagedFile:
        """Write the mail with a sign-in code. It replaces an earlier one for the same verification.

        Raises:
            OSError: It could not be written.
        """
        lines = (
            "Your sign-in code is",
            "",
            code,
            "",
            "It is valid for 10 minutes and for one sign-in. If you did not request it, ignore this mail.",
        )
        headers = (("To", to), ("Subject", "Your sign-in code"), ("X-Verification-UUID", verification_id))
        return self._draft(sign_in_code_name(verification_id), headers, lines, now)

    def draft_notice(self, to: str, subject: str, lines: Iterable[str], now: float) -> StagedFile:
        """Write a mail about a change to the account.

        Raises:
            OSError: It could not be written.
        """
        headers = (("To", to), ("Subject", subject))
        return self._draft(f"notice-{int(now)}-{uuid4()}.eml", headers, lines, now)

    def remove_sign_in_code(self, verification_id: str) -> None:
        """Remove the mail of a verification, if it exists."""
        with suppress(OSError):
            (self.folder / sign_in_code_name(verification_id)).unlink(missing_ok=True)

    def remove_old_notices(self, now: float) -> None:
        """Remove the notices that have been in the outbox for too long."""
        with suppress(OSError):
            for path in self.folder.glob("notice-*.eml"):
                written = _NOTICE.match(path.name)
                if written and int(written[1]) < now - NOTICES_KEPT_SECONDS:
                    path.unlink(missing_ok=True)

    def _draft(self, name: str, headers: Iterable[tuple[str, str]], lines: Iterable[str], now: float) -> StagedFile:
        # All values are ASCII without line breaks: addresses are validated when a request is decoded.
        all_headers = (
            ("From", _FROM),
            ("Date", formatdate(now)),
            ("Message-ID", f"<{uuid4()}@mfa-tui.localhost>"),
            *headers,
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=us-ascii"),
        )
        text = [*(f"{header}: {value}" for header, value in all_headers), "", *lines, ""]
        return StagedFile(self.folder / name, "\r\n".join(text).encode("ascii"))


def sign_in_code_name(verification_id: str) -> str:
    """Return the name of the file that contains a verification's code."""
    return f"code-{verification_id}.eml"
