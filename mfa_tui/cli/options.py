"""The options of each command, as types: the parser's result is turned into one of them in `main` alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mfa_tui.storage.config import ProfileOverrides


@dataclass(frozen=True, kw_only=True)
class ProfileOptions:
    """The choice of a profile, and the values that override it; the options of a command without options of its own."""

    profile: str | None = None
    environment_id: str | None = None
    email: str | None = None
    api_url: str | None = None

    @property
    def overrides(self) -> "ProfileOverrides":
        """The profile's name, and the values that override its fields."""
        from mfa_tui.storage.config import ProfileOverrides  # noqa: PLC0415 - msgspec, which the parser does not need

        return ProfileOverrides(
            profile=self.profile, environment_id=self.environment_id, email=self.email, api_url=self.api_url
        )


@dataclass(frozen=True, kw_only=True)
class FrontEndOptions(ProfileOptions):
    """The options of the full-screen interface and of the line mode."""

    plain: bool
    hide_after: float


@dataclass(frozen=True, kw_only=True)
class OutputOptions(ProfileOptions):
    """The options of a command that prints text or JSON."""

    json: bool = False


@dataclass(frozen=True, kw_only=True)
class RotateOptions(OutputOptions):
    """The options of `mfa-tui rotate`."""

    yes: bool = False
    save: str | None = None


@dataclass(frozen=True, kw_only=True)
class CheckOptions(ProfileOptions):
    """The options of `mfa-tui check`."""

    file: str


@dataclass(frozen=True, kw_only=True)
class CompletionOptions:
    """The options of `mfa-tui completion`."""

    shell: str


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """The options of `mfa-tui serve`."""

    host: str = "127.0.0.1"
    port: int = 0
    data_dir: Path | None = None
    environment_id: str | None = None
    limits: str = "documented"
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_proxy: bool = False
