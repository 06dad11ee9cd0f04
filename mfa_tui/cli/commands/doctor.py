"""`mfa-tui doctor`: what works here, and what to do where something is missing."""

import argparse
import asyncio

from mfa_tui.cli.checks.account import account_findings
from mfa_tui.cli.checks.result import CheckReport, CheckResult
from mfa_tui.cli.checks.terminal import terminal_findings
from mfa_tui.errors import ExitCode
from mfa_tui.protocol import codec
from mfa_tui.terminal import console, signals


def run(arguments: argparse.Namespace) -> ExitCode:
    """Print what is found, a line each. Signs nobody in.

    Ends as what keeps the service from being used would end: `NOT_REACHED` where it is not reached.

    Raises:
        OutputLostError: It could not be written.
    """
    signals.exit_on_signal()
    return asyncio.run(_examine(as_json=arguments.json, arguments=arguments))


async def _examine(arguments: argparse.Namespace, *, as_json: bool) -> ExitCode:
    of_terminal = await terminal_findings()
    of_account, code = await account_findings(arguments)
    findings = CheckReport(findings=(*of_terminal, *of_account))
    console.print_text(codec.encode(findings).decode() if as_json else "\n".join(map(_line, findings.findings)))
    return code


def _line(finding: CheckResult) -> str:
    said = f"{finding.name + ':':<19}{finding.found}"
    return f"{said}\n{'':<19}fix: {finding.fix}" if finding.fix else said
