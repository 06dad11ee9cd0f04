"""`mfa-tui profiles`: list the profiles, make one the default, or remove one. Sends nothing."""

from datetime import UTC, datetime

from mfa_tui.cli.options import ProfilesOptions
from mfa_tui.errors import ExitCode, UsageError
from mfa_tui.protocol import codec, models
from mfa_tui.storage.config import Config
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.profile import Profile, ProfileOverrides
from mfa_tui.storage.record_file import RecordFile
from mfa_tui.storage.sessions import open_session_store
from mfa_tui.terminal import console


class ProfileReport(models.Message, frozen=True, kw_only=True):
    """A profile in the output of `profiles --json`. What is not known on this machine is null."""

    name: str
    is_default: bool
    account: str | None
    count: int | None
    """The number of codes left when they were read last."""
    confirmed: bool | None
    last_seen: int | None
    """When the stored session was started or refreshed, in unix seconds."""


class ProfileReports(models.Message, frozen=True, kw_only=True):
    """The output of `profiles --json`."""

    profiles: tuple[ProfileReport, ...]


def run(options: ProfilesOptions) -> ExitCode:
    """List the profiles, make one the default, or remove one.

    Raises:
        UsageError: No profile is named, or the built-in one is to be removed.
        UnknownProfileError: The configuration has no such profile.
        ConfigError: The configuration is wrong.
        StorageError: The configuration could not be read or written.
    """
    paths = AppPaths.of_current_user()
    config = Config(paths.config_file)
    if options.action is None:
        _list(paths, config, as_json=options.json)
        return ExitCode.DONE
    if options.name is None:
        raise UsageError("No profile is named.", hint=f"Give its name: mfa-tui profiles {options.action} NAME.")
    profile = config.known_profile(ProfileOverrides(profile=options.name))
    if options.action == "use":
        config.make_default(profile)
        console.print_message(f"The default is now {profile.name}.")
    elif profile.is_built_in:
        raise UsageError("The built-in profile cannot be removed.", hint="Name another profile.")
    else:
        config.remove(profile)
        console.print_message(f"The profile {profile.name} is removed.")
    return ExitCode.DONE


def _list(paths: AppPaths, config: Config, *, as_json: bool) -> None:
    default = config.profile(ProfileOverrides()).name
    reports = tuple(_report(paths, profile, default) for profile in config.profiles())
    if as_json:
        console.print_text(codec.encode(ProfileReports(profiles=reports)).decode())
    else:
        console.print_text("\n".join(map(_line, reports)))


def _report(paths: AppPaths, profile: Profile, default: str) -> ProfileReport:
    session = open_session_store(paths, profile).load()
    record = None
    if session is not None:
        account = (session.api_url, session.environment_id, session.user.id)
        record = RecordFile(paths.records, account, old_journal_folder=paths.state / profile.name).peek()
    current = record.current if record else None
    return ProfileReport(
        name=profile.name,
        is_default=profile.name == default,
        account=(session.user.email if session else profile.email) or None,
        count=sum(code.used_at is None for code in current.codes) if current else None,
        confirmed=current.confirmed_at is not None if current else None,
        last_seen=session.since if session else None,
    )


def _line(report: ProfileReport) -> str:
    facts = [report.account or "no account known"]
    if report.count is not None:
        facts.append(f"{report.count} left, {'confirmed' if report.confirmed else 'not confirmed'}")
    if report.last_seen is not None:
        facts.append(f"last seen {datetime.fromtimestamp(report.last_seen, UTC):%Y-%m-%d %H:%M} UTC")
    return f"{'*' if report.is_default else ' '} {report.name}: {', '.join(facts)}"
