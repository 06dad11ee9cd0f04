"""The lock files pin every dependency within the range that pyproject.toml gives it, by hash and from no fixed host."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def ranges(*, extras: bool) -> list[Requirement]:
    listed = [*PROJECT["dependencies"], *(line for lines in EXTRAS.values() if extras for line in lines)]
    requirements = map(Requirement, listed)
    return [requirement for requirement in requirements if requirement.name != PROJECT["name"]]


def pinned(lock: str) -> dict[str, str]:
    text = (ROOT / ".ci/locks" / f"{lock}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", ["run", "dev", "lowest"])
def test_lock_file_pins_every_dependency_in_its_range(lock: str) -> None:
    versions = pinned(lock)
    for requirement in ranges(extras=lock != "run"):
        name = canonicalize_name(requirement.name)
        assert name in versions, f"{name} is not in the lock file: run .ci/lock"
        assert requirement.specifier.contains(versions[name]), f"{requirement}, but {versions[name]}: run .ci/lock"


@pytest.mark.parametrize("lock", ["run", "dev", "lowest", "build"])
def test_lock_file_has_a_hash_for_each_package_and_no_host(lock: str) -> None:
    text = (ROOT / ".ci/locks" / f"{lock}.txt").read_text()
    for package in re.split(r"\n(?=\S)", text):
        assert re.fullmatch(r"[a-z0-9-]+==\S+( ; [^\\]+)? \\(\s+--hash=sha256:[0-9a-f]{64}( \\)?)+\s*", package)
