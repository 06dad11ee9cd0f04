"""Checks of the configuration, the service and the session."""

import time

from mfa_tui import connection, formatting, sanitize
from mfa_tui.account.account import Account
from mfa_tui.account.errors import UnsupportedSignInError
from mfa_tui.account.sessions import sign_in_obstacles
from mfa_tui.cli.checks.result import CheckResult
from mfa_tui.cli.options import ProfileOptions
from mfa_tui.client.messages import MAX_CLOCK_SKEW
from mfa_tui.errors import ExitCode, MfaTuiError
from mfa_tui.storage.paths import AppPaths
from mfa_tui.storage.profile import Profile


async def check_account(options: ProfileOptions) -> tuple[list[CheckResult], ExitCode]:
    """Return the results, and the exit code of the error that prevents use of the service, if there is one."""
    paths = AppPaths.of_current_user()
    results = []
    try:
        profile = connection.load_profile(paths, options.overrides, may_be_new=False)
        results.append(_configuration(paths, profile, options))
        async with connection.open_account(paths, profile) as account:
            results += await _service(account)
            results.append(await _session(account))
    except MfaTuiError as error:
        results.append(CheckResult.of("service" if results else "configuration", error))
        return results, error.exit_code
    return results, ExitCode.DONE


def _configuration(paths: AppPaths, profile: Profile, options: ProfileOptions) -> CheckResult:
    file = formatting.path_name(paths.config_file)
    if options.profile or options.api_url or options.environment_id:
        source = "from the command line or the environment"
    else:
        source = "built in" if profile.is_built_in else f"from {file}"
    note = "" if paths.config_file.exists() else f"; {file} does not exist"
    missing = not (profile.is_built_in or profile.environment_id)
    fix = "Give the environment's id with --environment-id, or write it in the profile." if missing else None
    return CheckResult(name="configuration", found=f"profile {profile.name}, {source}{note}", fix=fix)


async def _service(account: Account) -> list[CheckResult]:
    if not account.client.environment_id:
        return []
    settings = await account.get_settings()
    if obstacles := sign_in_obstacles(settings):
        service = CheckResult.of("service", UnsupportedSignInError(obstacles))
    else:
        service = CheckResult(name="service", found=f"{account.service_name} responds")
    return [service, _clock(account)]


def _clock(account: Account) -> CheckResult:
    skew = account.client.clock_skew
    if account.profile.is_built_in:
        return CheckResult(name="clock", found="this machine's own")
    if skew is None:
        return CheckResult(name="clock", found="the service does not send its time")
    off = f"{formatting.duration(round(abs(skew)))} {'behind' if skew > 0 else 'ahead of'} the service's"
    fix = None if abs(skew) <= MAX_CLOCK_SKEW else "Set the clock right: authenticator codes made here fail."
    return CheckResult(name="clock", found=off if round(skew) else "as the service's", fix=fix)


async def _session(account: Account) -> CheckResult:
    kept = await account.get_stored_session()
    if kept is not None:
        await account.resume_session()
    held = account.state.session
    if kept is None or held is None:
        found = "none" if kept is None else "stored, but expired or for another environment"
        fix = None if account.signs_in_automatically else "Sign in with mfa-tui login."
        return CheckResult(name="session", found=found, fix=fix)
    age = formatting.duration(max(0, int(time.time()) - kept.since))
    who = sanitize.one_line(account.state.email, 254)
    return CheckResult(
        name="session", found=f"{who}, {age} old, ends in {formatting.duration(account.session_time_left)}"
    )
