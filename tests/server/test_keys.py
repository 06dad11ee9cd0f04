from pathlib import Path

import pytest

from mfa_tui.server.entropy import Entropy
from mfa_tui.server.keys import DecryptionError, Keys


@pytest.fixture
def keys() -> Keys:
    return Keys.new(Entropy())


def test_what_is_sealed_opens_at_its_place_alone(keys: Keys) -> None:
    sealed = keys.encrypt(b"code", place=b"here", nonce=bytes(12))
    assert keys.decrypt(sealed, place=b"here") == b"code"
    with pytest.raises(DecryptionError):
        keys.decrypt(sealed, place=b"there")


@pytest.mark.parametrize("changed", [b"", b"short", bytes(40)])
def test_what_was_changed_does_not_open(keys: Keys, changed: bytes) -> None:
    with pytest.raises(DecryptionError):
        keys.decrypt(changed, place=b"here")


def test_digests_differ_by_key_by_purpose_and_by_where_parts_begin(keys: Keys) -> None:
    digests = {
        keys.digest("code", b"ab", b"c"),
        keys.digest("code", b"a", b"bc"),
        keys.digest("code", b"abc"),
        keys.digest("mail", b"ab", b"c"),
        Keys.new(Entropy()).digest("code", b"ab", b"c"),
    }
    assert len(digests) == 5


def test_keys_are_the_same_after_they_were_written_and_read(keys: Keys, tmp_path: Path) -> None:
    keys.draft(tmp_path / "keys.json").publish()
    assert Keys.read(tmp_path / "keys.json").fingerprint == keys.fingerprint


def test_keys_do_not_print_themselves(keys: Keys) -> None:
    assert repr(keys) == "Keys(…)"


def test_every_symbol_is_equally_likely() -> None:
    # 256 octets do not divide by 10: those that would favour the first six digits are drawn again.
    octets = iter([255, 250, 249, 0, 128, 7])
    entropy = Entropy(lambda count: bytes(next(octets) for _ in range(count)))
    assert entropy.symbols("0123456789", 2) == "90"


def test_a_uuid_is_one_of_version_4_in_lower_case() -> None:
    assert Entropy(lambda count: b"\xff" * count).uuid() == "ffffffff-ffff-4fff-bfff-ffffffffffff"
