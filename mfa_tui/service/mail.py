"""The outbox: a folder of mails, each an RFC 5322 file that appears in full or not at all."""

from collections.abc import Iterable
from contextlib import suppress
from email.utils import formatdate
from pathlib import Path

from mfa_tui.draft import Draft
from mfa_tui.service.entropy import Entropy

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
        return self._draft(_code_name(verification_id), headers, lines, now)

    def notice(self, to: str, subject: str, lines: Iterable[str], now: float) -> Draft:
        """Write a mail about something that was done to the account.

        Raises:
            OSError: It could not be written.
        """
        headers = (("To", to), ("Subject", subject))
        return self._draft(f"notice-{self._entropy.uuid()}.eml", headers, lines, now)

    def forget_email_code(self, verification_id: str) -> None:
        """Remove the mail of a verification that is over, if it still is here."""
        with suppress(OSError):
            (self.folder / _code_name(verification_id)).unlink(missing_ok=True)

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


def _code_name(verification_id: str) -> str:
    return f"code-{verification_id}.eml"
