"""`mfa-tui profiles`: list the profiles, make one the default, or remove one. Sends nothing."""

from datetime import UTC, datetime

from mfa_tui.cli.options import ProfilesOptions
from mfa_tui.errors import ExitCode, UsageError
from mfa_tui.protocol import codec, models
from mfa_tui.storage.config import Config
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.profile import ProfileOverrides
from mfa_tui.terminal import console
from mfa_tui.workflows.profiles import ProfileReport, list_profiles


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
        _list(paths, as_json=options.json)
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


def _list(paths: AppPaths, *, as_json: bool) -> None:
    reports = list_profiles(paths)
    if as_json:
        console.print_text(codec.encode(ProfileReports(profiles=reports)).decode())
    else:
        console.print_text("\n".join(map(_line, reports)))


def _line(report: ProfileReport) -> str:
    line = f"{'*' if report.is_default else ' '} {report.name}: {report.facts}"
    if report.last_seen is not None:
        line += f", last seen {datetime.fromtimestamp(report.last_seen, UTC):%Y-%m-%d %H:%M} UTC"
    return line
