from pathlib import Path

import pytest

from mfa_tui.server.keys import DecryptionError, Keys


@pytest.fixture
def keys() -> Keys:
    return Keys.generate()


def test_what_is_sealed_opens_at_its_place_alone(keys: Keys) -> None:
    encrypted = keys.encrypt(b"code", associated_data=b"here")
    assert keys.decrypt(encrypted, associated_data=b"here") == b"code"
    with pytest.raises(DecryptionError):
        keys.decrypt(encrypted, associated_data=b"there")


@pytest.mark.parametrize("changed", [b"", b"short", bytes(40)])
def test_what_was_changed_does_not_open(keys: Keys, changed: bytes) -> None:
    with pytest.raises(DecryptionError):
        keys.decrypt(changed, associated_data=b"here")


def test_digests_differ_by_key_by_purpose_and_by_where_parts_begin(keys: Keys) -> None:
    digests = {
        keys.digest("code", b"ab", b"c"),
        keys.digest("code", b"a", b"bc"),
        keys.digest("code", b"abc"),
        keys.digest("mail", b"ab", b"c"),
        Keys.generate().digest("code", b"ab", b"c"),
    }
    assert len(digests) == 5


def test_keys_are_the_same_after_they_were_written_and_read(keys: Keys, tmp_path: Path) -> None:
    keys.draft(tmp_path / "keys.json").publish()
    assert Keys.read(tmp_path / "keys.json").fingerprint == keys.fingerprint


def test_keys_do_not_print_themselves(keys: Keys) -> None:
    assert repr(keys) == "Keys(…)"
