"""The environment id of a profile, as it is typed."""

import pytest

from mfa_tui.storage.profile import parse_environment_id

ID = "2e1f7ac0-5a3d-4b1e-9f0b-6f3c1f0f2d11"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (ID, ID),
        (f" {ID.upper()}\n", ID),
        (ID.replace("-", ""), ID),
        ("", None),
        ("2e1f7ac0", None),
        (ID + "0", None),
        ("../" + ID, None),
        ("x" * 10_000, None),
    ],
)
def test_environment_id_must_be_a_uuid(typed: str, read: str | None) -> None:
    assert parse_environment_id(typed) == read
