"""Security keys in this machine that the user may not open."""

from pathlib import Path

import pytest

from mfa_tui.terminal.security_keys import find_closed_keys

FIDO, MOUSE = bytes.fromhex("06d0f10901"), bytes.fromhex("05010902")


@pytest.mark.parametrize(("descriptor", "is_open", "closed"), [(FIDO, False, 1), (FIDO, True, 0), (MOUSE, False, 0)])
def test_only_a_key_without_permission_is_found(tmp_path: Path, descriptor: bytes, is_open: bool, closed: int) -> None:
    described = tmp_path / "sys" / "hidraw3" / "device" / "report_descriptor"
    described.parent.mkdir(parents=True)
    described.write_bytes(descriptor)
    if is_open:
        (tmp_path / "hidraw3").touch()
    assert find_closed_keys(tmp_path, tmp_path / "sys") == [tmp_path / "hidraw3"] * closed
