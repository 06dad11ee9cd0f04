"""`mfa-tui doctor`: what works here, and what to do where something is missing."""

import argparse
import asyncio

from mfa_tui import wire
from mfa_tui.errors import ExitCode
from mfa_tui.terminal import lines, signals
from mfa_tui.verbs.account_findings import account_findings
from mfa_tui.verbs.finding import Finding, Findings
from mfa_tui.verbs.terminal_findings import terminal_findings


def run(arguments: argparse.Namespace) -> ExitCode:
    """Print what is found, a line each. Signs nobody in.

    Ends as what keeps the service from being used would end: `NOT_REACHED` where it is not reached.

    Raises:
        OutputLostError: It could not be written.
    """
    signals.exit_on_end()
    return asyncio.run(_examine(as_json=arguments.json, arguments=arguments))


async def _examine(arguments: argparse.Namespace, *, as_json: bool) -> ExitCode:
    of_terminal = await terminal_findings()
    of_account, code = await account_findings(arguments)
    findings = Findings(findings=(*of_terminal, *of_account))
    lines.say(wire.encode(findings).decode() if as_json else "\n".join(map(_line, findings.findings)))
    return code


def _line(finding: Finding) -> str:
    said = f"{finding.name + ':':<19}{finding.found}"
    return f"{said}\n{'':<19}fix: {finding.fix}" if finding.fix else said
