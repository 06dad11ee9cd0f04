"""The vendor's own code runs against the service: its SDK in two versions, in Node and in Chromium, and its samples.

Skipped without Node, npm and the packages of `package.json`: `npm ci --ignore-scripts --legacy-peer-deps` in this
folder installs them, which `.ci/run` does. The registry lacks some packages in the version that the SDK asks for; those
are for wallets, and `overrides` takes another one.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import served

FOLDER = Path(__file__).parent
NODE = shutil.which("node")
CHROMIUM = shutil.which("chromium")
TIMEOUT = 120

pytestmark = pytest.mark.skipif(
    NODE is None or not (FOLDER / "node_modules").exists(), reason="needs Node and the packages of package.json"
)


def _run(script: str, folder: Path, *arguments: str) -> dict[str, Any]:
    with served(folder) as service:
        done = subprocess.run(
            [str(NODE), script, service.api_url, service.environment_id, str(service.outbox), *arguments],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _failed(report: dict[str, Any]) -> dict[str, list[str]]:
    versions = {name: report[name] for name in ("newest", "older")}
    assert all(len(results) > 50 for results in versions.values())
    return {
        f"{name}: {result['name']}": result["error"]
        for name, results in versions.items()
        for result in results
        if result["error"]
    }


def test_every_function_of_the_sdk_works_in_node(tmp_path: Path) -> None:
    assert _failed(_run("node.mjs", tmp_path)) == {}


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_every_function_of_the_sdk_works_in_chromium(tmp_path: Path) -> None:
    report = _run("browser.mjs", tmp_path, str(CHROMIUM))
    assert _failed(report) == {}
    assert report["example"] == {
        "viewed": 10,
        "generated": 10,
        "common": 0,
        "refusal": "Invalid OTP",
        "user": "react-browser@example.org: user:basic",
    }
    # The app contacts the service and nothing else, because its instrumentation is off.
    assert [url for url in report["contacted"] if not url.startswith("http://127.0.0.1:")] == []
