"""`mfa-tui doctor`: checks the terminal and the account, and suggests a fix for each problem."""

import asyncio

from mfa_tui.cli.checks.account import check_account
from mfa_tui.cli.checks.result import CheckReport, CheckResult
from mfa_tui.cli.checks.terminal import check_terminal
from mfa_tui.cli.options import OutputOptions
from mfa_tui.errors import ExitCode
from mfa_tui.protocol import codec
from mfa_tui.terminal import console, signals


def run(options: OutputOptions) -> ExitCode:
    """Print the result of each check. Signs no user in.

    Returns the exit code of the error that prevents use of the service, such as `NOT_REACHED`.

    Raises:
        OutputLostError: It could not be written.
    """
    signals.exit_on_signal()
    return asyncio.run(_check(options))


async def _check(options: OutputOptions) -> ExitCode:
    terminal_results = await check_terminal()
    account_results, code = await check_account(options)
    report = CheckReport(findings=(*terminal_results, *account_results))
    console.print_text(codec.encode(report).decode() if options.json else "\n".join(map(_line, report.findings)))
    return code


def _line(result: CheckResult) -> str:
    text = f"{result.name + ':':<19}{result.found}"
    return f"{text}\n{'':<19}fix: {result.fix}" if result.fix else text
