"""What `mfa-tui doctor` finds."""

from mfa_tui.errors import MfaTuiError
from mfa_tui.protocol import models


class CheckResult(models.Message, frozen=True, kw_only=True):
    """One thing that was looked at. Fields are only ever added."""

    name: str
    found: str
    """What is there, as a phrase."""
    fix: str | None = None
    """What to do, as a sentence, where something is missing; null where nothing is."""

    @classmethod
    def of(cls, name: str, error: MfaTuiError) -> "CheckResult":
        """Return what is wrong, as the error tells it."""
        return cls(name=name, found=error.message, fix=error.hint)


class CheckReport(models.Message, frozen=True, kw_only=True):
    """What `doctor --json` prints. Names of findings are only ever added."""

    findings: tuple[CheckResult, ...]
