"""The outbox: a folder of mails, each an RFC 5322 file that appears in full or not at all."""

import re
from collections.abc import Iterable
from contextlib import suppress
from email.utils import formatdate
from pathlib import Path

from mfa_tui.atomic_file import Draft
from mfa_tui.server.entropy import Entropy

NOTICES_KEPT_SECONDS = 90 * 24 * 3600
"""How long a notice stays in the outbox."""

_NOTICE = re.compile(r"notice-(\d{9,12})-")
_FROM = "mfa-tui <no-reply@mfa-tui.localhost>"


class Outbox:
    """The folder. What takes the mails further, if anything does, removes them as it goes."""

    def __init__(self, folder: Path, entropy: Entropy) -> None:
        self.folder = folder
        self._entropy = entropy

    def email_code(self, to: str, verification_id: str, code: str, now: float) -> Draft:
        """Write the mail that carries a sign-in code; a second one for the same verification takes its place.

        Raises:
            OSError: It could not be written.
        """
        lines = (
            "Your sign-in code is",
            "",
            code,
            "",
            "It is good for 10 minutes and for one sign-in. If you did not ask for it, do nothing.",
        )
        headers = (("To", to), ("Subject", "Your sign-in code"), ("X-Verification-UUID", verification_id))
        return self._draft(code_name(verification_id), headers, lines, now)

    def notice(self, to: str, subject: str, lines: Iterable[str], now: float) -> Draft:
        """Write a mail about something that was done to the account.

        Raises:
            OSError: It could not be written.
        """
        headers = (("To", to), ("Subject", subject))
        return self._draft(f"notice-{int(now)}-{self._entropy.uuid()}.eml", headers, lines, now)

    def forget_email_code(self, verification_id: str) -> None:
        """Remove the mail of a verification that is over, if it still is here."""
        with suppress(OSError):
            (self.folder / code_name(verification_id)).unlink(missing_ok=True)

    def forget_notices(self, now: float) -> None:
        """Remove the notices that nothing has taken further for so long that nothing will."""
        with suppress(OSError):
            for path in self.folder.glob("notice-*.eml"):
                written = _NOTICE.match(path.name)
                if written and int(written[1]) < now - NOTICES_KEPT_SECONDS:
                    path.unlink(missing_ok=True)

    def _draft(self, name: str, headers: Iterable[tuple[str, str]], lines: Iterable[str], now: float) -> Draft:
        # Everything here is ASCII without line breaks: addresses are checked where they come in.
        all_headers = (
            ("From", _FROM),
            ("Date", formatdate(now)),
            ("Message-ID", f"<{self._entropy.uuid()}@mfa-tui.localhost>"),
            *headers,
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=us-ascii"),
        )
        text = [*(f"{header}: {value}" for header, value in all_headers), "", *lines, ""]
        return Draft(self.folder / name, "\r\n".join(text).encode("ascii"))


def code_name(verification_id: str) -> str:
    """Return the name of the file with a verification's code."""
    return f"code-{verification_id}.eml"
