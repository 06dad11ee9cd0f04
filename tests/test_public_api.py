"""The public API: the README's examples, run and type-checked against an installed wheel, outside the repository."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

import mfa_tui
from tests.support.command import unmeasured
from tests.support.server import served

ROOT = Path(__file__).parent.parent

EXAMPLES = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
"""The README's examples: the script, the sign-in at a hosted service, and the Textual app."""

SCRIPT, SIGN_IN, APP = EXAMPLES

PILOT = """
async def drive() -> None:
    async with mfa_tui.connect() as account:
        app = MyApp(account)
        async with app.run_test(size=(80, 24)) as pilot:
            while account.state.codes is None:
                await pilot.pause(0.01)
            print(type(app.screen).__name__, account.state.codes.count)


asyncio.run(drive())
"""
"""Runs the app without a terminal until its screen has read the codes."""

READ_EMAIL = """\
import builtins
import re
from pathlib import Path

def read_code(prompt: str) -> str:
    (path,) = Path("{outbox}").glob("code-*.eml")
    return re.search(r"^[0-9]+$", path.read_text(), re.MULTILINE)[0]

builtins.input = read_code
"""
"""Types the code from the only e-mail in the outbox, as the user would."""

CODE = re.compile(r"^[A-Z2-9]{10}$", re.MULTILINE)


@dataclass(frozen=True)
class Installation:
    """An environment with the wheel and the packages that it depends on, and a user without any file."""

    python: Path
    folder: Path

    def run(self, *arguments: str, stdin: str = "") -> str:
        """Run Python outside the repository, and return its output."""
        environment = {"HOME": str(self.folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        done = subprocess.run(
            [self.python, *arguments],
            cwd=self.folder,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run_script(self, source: str, *, stdin: str = "") -> str:
        """Run a script, and return its output."""
        return self.run("-c", source, stdin=stdin)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel."""
    assert find_spec("hatchling") is not None, "hatchling is not installed: pip install -e '.[dev]'"
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture
def installation(wheel: Path, tmp_path: Path) -> Installation:
    """A virtual environment with the wheel; the dependencies are those of the environment that runs the tests."""
    folder = tmp_path / "venv"
    venv.create(folder, symlinks=os.name != "nt")
    variables = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", "venv", variables))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    user = tmp_path / "user"
    user.mkdir()
    return Installation(Path(sysconfig.get_path("scripts", "venv", variables)) / "python", user)


def test_every_public_name_can_be_imported() -> None:
    assert [name for name in mfa_tui.__all__ if not hasattr(mfa_tui, name)] == []
    assert set(mfa_tui.__all__) <= set(dir(mfa_tui))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        mfa_tui.nothing  # type: ignore[attr-defined]  # noqa: B018 - it does not exist


def test_importing_the_package_imports_no_dependency() -> None:
    listing = "import sys, mfa_tui; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True, env=unmeasured())
    imported = set(done.stdout.split())
    assert "mfa_tui" in imported
    assert not imported & {"textual", "httpx", "msgspec", "starlette", "cryptography", "asyncio", "sqlite3"}


def test_the_script_of_the_readme_rotates_and_confirms(installation: Installation) -> None:
    output = installation.run_script(SCRIPT, stdin="yes\n")
    assert "10 codes left" in output
    assert output.endswith("Stage: READY\n")
    first = CODE.findall(output)
    assert len(first) == 10
    installation.run("-m", "mfa_tui", "logout")
    output = installation.run_script(SCRIPT, stdin=f"{first[0]}\nyes\n")
    assert "9 codes left" in output
    assert set(CODE.findall(output)).isdisjoint(first)


def test_the_app_of_the_readme_shows_the_codes(installation: Installation) -> None:
    assert installation.run_script(APP.split('\n\nif __name__ == "__main__"')[0] + PILOT) == "RecoveryCodesScreen 10\n"


def test_the_sign_in_of_the_readme_uses_the_code_from_the_email(installation: Installation, tmp_path: Path) -> None:
    with served(tmp_path / "service") as service:
        config = installation.folder / ".config" / "mfa-tui" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(
            f'[profiles.work]\nenvironment_id = "{service.environment_id}"\nemail = "me@example.org"\n'
            f'api_url = "{service.api_url}"\n'
        )
        assert installation.run_script(READ_EMAIL.format(outbox=service.outbox) + SIGN_IN) == (
            "Signed in as me@example.org\n"
        )


def test_mypy_checks_the_examples_by_the_installed_types(installation: Installation) -> None:
    names = []
    for number, example in enumerate(EXAMPLES):
        names.append(f"example_{number}.py")
        (installation.folder / names[-1]).write_text(example)
    wrong = "import mfa_tui\nmfa_tui.nothing\nmfa_tui.connect(1)\nreveal_type(mfa_tui.State().codes)\n"
    (installation.folder / "wrong.py").write_text(wrong)
    check = [sys.executable, "-m", "mypy", "--strict", f"--python-executable={installation.python}"]
    check.append(f"--cache-dir={ROOT / '.mypy_cache' / 'examples'}")  # textual takes seconds the first time
    passed = subprocess.run([*check, *names], cwd=installation.folder, capture_output=True, text=True, check=False)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    failed = subprocess.run([*check, "wrong.py"], cwd=installation.folder, capture_output=True, text=True, check=False)
    assert 'Module has no attribute "nothing"' in failed.stdout
    assert 'Argument 1 to "connect" has incompatible type "int"' in failed.stdout
    assert '"mfa_tui.protocol.models.RecoveryCodes | None"' in failed.stdout
