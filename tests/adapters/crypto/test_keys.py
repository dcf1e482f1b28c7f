"""Each purpose has a key of its own, each key its id, and secrets do not print themselves."""

from itertools import combinations

import pytest

from adapters.crypto.keys import KeyLabel, KeyRing, UnknownKey
from tests.adapters.crypto.rings import OLD, ROTATED, ROTATED_AWAY, ring, secret

PAIRS = list(combinations(KeyLabel, 2))


def test_first_key_is_the_current_one() -> None:
    assert ROTATED.current_id == "new"


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_purposes_share_no_key(one: KeyLabel, other: KeyLabel) -> None:
    assert OLD.key(one, "old") != OLD.key(other, "old")
    assert OLD.lookup_mac(one, "message") != OLD.lookup_mac(other, "message")


@pytest.mark.parametrize("label", KeyLabel)
def test_sub_key_has_32_bytes_and_is_not_the_root(label: KeyLabel) -> None:
    key = OLD.key(label, "old")

    assert len(key) == 32
    assert key != secret("old")


def test_key_ids_name_different_keys() -> None:
    assert ROTATED.mac(KeyLabel.CODES, "new", "message") != ROTATED.mac(KeyLabel.CODES, "old", "message")


def test_rotation_changes_nothing_under_the_old_key() -> None:
    assert ROTATED.mac(KeyLabel.CODES, "old", "message") == OLD.mac(KeyLabel.CODES, "old", "message")


def test_lookup_hashes_outlive_any_rotation() -> None:
    assert ROTATED_AWAY.lookup_mac(KeyLabel.SUBJECTS, "message") == OLD.lookup_mac(KeyLabel.SUBJECTS, "message")


def test_other_lookup_secret_gives_other_hashes() -> None:
    other = ring("old", lookup=secret("other lookup"))

    assert other.lookup_mac(KeyLabel.SUBJECTS, "message") != OLD.lookup_mac(KeyLabel.SUBJECTS, "message")


@pytest.mark.parametrize("key_id", ["old", "", "NEW", "new "])
def test_key_that_is_not_on_the_ring_is_unknown(key_id: str) -> None:
    with pytest.raises(UnknownKey):
        ROTATED_AWAY.mac(KeyLabel.CODES, key_id, "message")


def test_ring_does_not_print_its_secrets() -> None:
    printed = repr(KeyRing({"k1": b"root-secret"}, b"lookup-secret"))

    assert "secret" not in printed
