"""What `mfa-tui doctor` finds."""

from mfa_tui import wire
from mfa_tui.errors import MfaTuiError


class Finding(wire.Message, frozen=True, kw_only=True):
    """One thing that was looked at. Fields are only ever added."""

    name: str
    found: str
    """What is there, as a phrase."""
    fix: str | None = None
    """What to do, as a sentence, where something is missing; null where nothing is."""

    @classmethod
    def of(cls, name: str, error: MfaTuiError) -> "Finding":
        """Return what is wrong, as the error tells it."""
        return cls(name=name, found=error.happened, fix=error.next_step)


class Findings(wire.Message, frozen=True, kw_only=True):
    """What `doctor --json` prints. Names of findings are only ever added."""

    findings: tuple[Finding, ...]
