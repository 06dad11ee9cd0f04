"""Listing the profiles, each with its account and what is known here about its codes. Sends nothing."""

from mfa_tui.formatting import Message
from mfa_tui.protocol import models
from mfa_tui.storage.config import Config
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.profile import Profile, ProfileOverrides
from mfa_tui.storage.record_file import RecordFile
from mfa_tui.storage.sessions import open_session_store
from mfa_tui.workflows import messages

SWITCH_PROFILE = "Switch to another profile"
WHICH_PROFILE = "Which profile?"
ONLY_PROFILE = Message("This is the only profile", "To make one for a hosted environment: mfa-tui --profile NAME.")


class ProfileReport(models.Message, frozen=True, kw_only=True):
    """A profile in the list of each front end and of `profiles --json`. What is not known on this machine is null."""

    name: str
    is_default: bool
    account: str | None
    count: int | None
    """The number of codes left when they were read last."""
    saved: bool | None
    confirmed: bool | None
    rotation_open: bool
    """Whether a rotation was requested whose new codes were not shown here: then nothing else is known of the codes."""
    last_seen: int | None
    """When the stored session was started or refreshed, in unix seconds."""

    @property
    def facts(self) -> str:
        """The account, the codes left, and whether they are confirmed."""
        facts = [self.account or "no account known"]
        if self.rotation_open:
            facts.append("a rotation is not finished")
        elif self.count is not None:
            kept = messages.kept(is_confirmed=bool(self.confirmed), is_saved=bool(self.saved))
            facts.append(f"{self.count} left, {kept}")
        return ", ".join(facts)


def list_profiles(paths: AppPaths) -> tuple[ProfileReport, ...]:
    """Return all profiles, the built-in one first. Reads files only, and blocks for that.

    Raises:
        ConfigError: The configuration is wrong.
        StorageError: The configuration, a session or a record could not be read.
    """
    config = Config(paths.config_file)
    default = config.profile(ProfileOverrides()).name
    return tuple(_report(paths, profile, default) for profile in config.profiles())


def _report(paths: AppPaths, profile: Profile, default: str) -> ProfileReport:
    session = open_session_store(paths, profile).load()
    record = None
    if session is not None:
        record = RecordFile(paths.records, session.account_key, old_journal_folder=paths.state / profile.name).peek()
    rotation_open = record is not None and record.rotation is not None
    current = record.current if record is not None and not rotation_open else None
    return ProfileReport(
        name=profile.name,
        is_default=profile.name == default,
        account=(session.user.email if session else profile.email) or None,
        count=len(current.unused) if current else None,
        saved=bool(current.saved) if current else None,
        confirmed=current.confirmed_at is not None if current else None,
        rotation_open=rotation_open,
        last_seen=session.since if session else None,
    )
