import json

import pyotp
import pytest

from tests.support.command import run_command


@pytest.fixture
def uri(codes: list[str]) -> str:  # noqa: ARG001 - signed in
    """The URI of an app that is not confirmed."""
    result = run_command("apps", "add")
    assert result.code == 0
    assert result.out.startswith("otpauth://totp/")
    return result.out.strip()


def confirm(uri: str) -> None:
    app = pyotp.parse_uri(uri)
    assert isinstance(app, pyotp.TOTP)
    assert run_command("apps", "confirm", stdin=f"{app.now()}\n").code == 0


def apps() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run_command("apps", "--json").out)["apps"]
    return found


def test_apps_add_prints_the_key_and_confirm_reads_the_code(uri: str) -> None:
    assert [one["confirmed"] for one in apps()] == [False]
    assert ", not confirmed, added on " in run_command("apps").out
    confirm(uri)
    assert [(one["confirmed"], one["isDefault"]) for one in apps()] == [(True, True)]
    assert run_command("apps", "add").code == 1
    assert run_command("apps", "confirm", stdin="000000\n").code == 2


def test_apps_confirm_refuses_a_wrong_code(uri: str) -> None:
    app = pyotp.parse_uri(uri)
    assert isinstance(app, pyotp.TOTP)
    wrong = str((int(app.now()) + 500_000) % 1_000_000).zfill(6)
    assert run_command("apps", "confirm", stdin=f"{wrong}\n").code == 1
    assert [one["confirmed"] for one in apps()] == [False]


@pytest.mark.parametrize("field", ["id", "name"])
def test_apps_remove_deletes_the_named_app(uri: str, field: str) -> None:
    confirm(uri)
    name = str(apps()[0][field])
    assert run_command("apps", "remove", name).code == 2
    assert len(apps()) == 1
    assert run_command("apps", "remove", name, "--yes").code == 0
    assert apps() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("remove",), "No app is named."),
        (("remove", "other", "--yes"), "There is no such app."),
        (("add", "other"), "Only remove takes the name of an app."),
    ],
)
def test_apps_refuses_a_wrong_name(uri: str, arguments: tuple[str, ...], message: str) -> None:
    result = run_command("apps", *arguments)
    assert (result.code, message in result.err) == (2, True)
    assert len(apps()) == 1
    assert uri
