"""The results that `mfa-tui doctor` prints."""

from mfa_tui.errors import MfaTuiError
from mfa_tui.protocol import models


class CheckResult(models.Message, frozen=True, kw_only=True):
    """The result of one check. Fields are only ever added."""

    name: str
    found: str
    """The finding, as a phrase."""
    fix: str | None = None
    """The action that solves the problem, as a sentence; null if there is no problem."""

    @classmethod
    def of(cls, name: str, error: MfaTuiError) -> "CheckResult":
        """Return the result that an error stands for."""
        return cls(name=name, found=error.message, fix=error.hint)


class CheckReport(models.Message, frozen=True, kw_only=True):
    """The output of `doctor --json`. Names of findings are only ever added."""

    findings: tuple[CheckResult, ...]
