"""An interrupt while the program starts ends it at once, without a traceback."""

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")

INTERRUPTED = """
import os, runpy, signal, sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
sys.argv = ["mfa-tui", "status"]
runpy.run_module("mfa_tui", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("module", ["mfa_tui.cli.main", "argparse", "mfa_tui.errors", "mfa_tui.redaction", "httpx"])
def test_interrupt_during_the_imports_prints_nothing(module: str) -> None:
    script = INTERRUPTED.format(module=module)
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("", "")
    assert ended.returncode in {-signal.SIGINT, 128 + signal.SIGINT}


def test_interrupt_that_is_ignored_stays_ignored() -> None:
    script = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{INTERRUPTED.format(module='argparse')}"
    script = script.replace('"status"', '"--version"')
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ended.stdout.startswith("mfa-tui ")
