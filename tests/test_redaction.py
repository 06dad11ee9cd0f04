import os
import pickle
import subprocess
import sys

import pytest

from mfa_tui.redaction import CrashReport, Secret

SENTINEL = "SENTINEL42"


@pytest.mark.parametrize("shown", [repr, str, "{}".format, "{!r}".format, lambda s: f"{[s]}"])
def test_secret_does_not_print_itself(shown: object) -> None:
    assert callable(shown)
    assert SENTINEL not in shown(Secret(SENTINEL))


def test_reveal_returns_the_text_of_a_secret() -> None:
    assert Secret(SENTINEL).reveal() == SENTINEL


def test_secret_cannot_be_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(SENTINEL))


def test_secrets_compare_by_their_text() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1


def test_crash_report_has_type_and_place_but_no_value() -> None:
    def fail(code: str) -> None:
        Secret.decode({code: 1}[code])

    with pytest.raises(TypeError) as caught:
        fail(SENTINEL)
    said = str(CrashReport.from_exception(caught.value))
    assert "TypeError at mfa_tui/redaction.py:" in said
    assert SENTINEL not in said


def test_same_crash_has_the_same_reference() -> None:
    assert CrashReport("ValueError", "a.py:1").reference == CrashReport("ValueError", "a.py:1").reference
    assert CrashReport("ValueError", "a.py:1").reference != CrashReport("ValueError", "a.py:2").reference


def run_hardened(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"from mfa_tui import redaction; redaction.harden_process(); {code}"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_uncaught_error_shows_no_value() -> None:
    result = run_hardened(f"raise ValueError('{SENTINEL}')")
    assert result.returncode == 1
    assert "ValueError" in result.stderr
    assert SENTINEL not in result.stderr
    assert "Traceback" not in result.stderr


def test_textual_variables_are_removed() -> None:
    result = run_hardened("import os; print(sorted(os.environ))", TEXTUAL_LOG="keys", TEXTUAL="debug")
    assert "TEXTUAL" not in result.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")
def test_core_dumps_are_off() -> None:
    result = run_hardened("import resource; print(resource.getrlimit(resource.RLIMIT_CORE))")
    assert result.stdout.strip() == "(0, 0)"


def test_http_libraries_log_no_urls_or_cookies() -> None:
    code = "import logging; logging.basicConfig(level=1); print([logging.getLogger(n).isEnabledFor(20)"
    result = run_hardened(code + " for n in ('httpx', 'httpcore.http11')])")
    assert result.stdout.strip() == "[False, False]"


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_other_processes_of_the_user_cannot_read_the_memory() -> None:
    get_dumpable = 3
    result = run_hardened(f"import ctypes; print(ctypes.CDLL(None).prctl({get_dumpable}, 0, 0, 0, 0))")
    assert result.stdout.strip() == "0"
