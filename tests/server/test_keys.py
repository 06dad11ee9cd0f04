from pathlib import Path

import pytest

from mfa_tui.server.keys import DecryptionError, Keys


@pytest.fixture
def keys() -> Keys:
    return Keys.generate()


def test_decryption_requires_the_same_associated_data(keys: Keys) -> None:
    encrypted = keys.encrypt(b"code", associated_data=b"here")
    assert keys.decrypt(encrypted, associated_data=b"here") == b"code"
    with pytest.raises(DecryptionError):
        keys.decrypt(encrypted, associated_data=b"there")


@pytest.mark.parametrize("changed", [b"", b"short", bytes(40)])
def test_a_changed_ciphertext_is_not_decrypted(keys: Keys, changed: bytes) -> None:
    with pytest.raises(DecryptionError):
        keys.decrypt(changed, associated_data=b"here")


def test_digests_depend_on_key_purpose_and_parts(keys: Keys) -> None:
    digests = {
        keys.digest("code", b"ab", b"c"),
        keys.digest("code", b"a", b"bc"),
        keys.digest("code", b"abc"),
        keys.digest("mail", b"ab", b"c"),
        Keys.generate().digest("code", b"ab", b"c"),
    }
    assert len(digests) == 5


def test_written_keys_are_read_unchanged(keys: Keys, tmp_path: Path) -> None:
    keys.draft(tmp_path / "keys.json").publish()
    assert Keys.read(tmp_path / "keys.json").fingerprint == keys.fingerprint


def test_repr_of_keys_reveals_nothing(keys: Keys) -> None:
    assert repr(keys) == "Keys(…)"
