"""What is sealed opens with the same key, for the same purpose, in the same place, and unchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.crypto.field_cipher import DecryptionFailed, Encrypted, FieldCipher
from adapters.crypto.keys import KeyLabel, UnknownKey
from tests.adapters.crypto.rings import OLD, ROTATED, ROTATED_AWAY, ring

SEALING = FieldCipher(OLD, KeyLabel.SEALED)
PLAIN = b"alice@example.com"
SEALED = SEALING.encrypt(PLAIN, context="mails/1")


@given(plain=st.binary(), context=st.text(st.characters(exclude_categories=["Cs"])))
def test_sealed_bytes_open_again(plain: bytes, context: str) -> None:
    assert SEALING.decrypt(SEALING.encrypt(plain, context=context), context=context) == plain


def test_plain_bytes_do_not_show() -> None:
    assert b"alice" not in SEALED.data


def test_sealed_twice_looks_different() -> None:
    assert SEALING.encrypt(PLAIN, context="mails/1").data != SEALED.data


def test_other_context_does_not_open_it() -> None:
    with pytest.raises(DecryptionFailed):
        SEALING.decrypt(SEALED, context="mails/2")


@pytest.mark.parametrize("label", [label for label in KeyLabel if label is not KeyLabel.SEALED])
def test_other_purpose_does_not_open_it(label: KeyLabel) -> None:
    with pytest.raises(DecryptionFailed):
        FieldCipher(OLD, label).decrypt(SEALED, context="mails/1")


def test_key_id_cannot_be_swapped() -> None:
    with pytest.raises(DecryptionFailed):
        FieldCipher(ROTATED, KeyLabel.SEALED).decrypt(Encrypted("new", SEALED.data), context="mails/1")


def test_same_key_under_another_id_does_not_open_it() -> None:
    renamed = type(OLD)({"renamed": OLD.roots["old"]}, OLD.lookup)

    with pytest.raises(DecryptionFailed):
        FieldCipher(renamed, KeyLabel.SEALED).decrypt(Encrypted("renamed", SEALED.data), context="mails/1")


@given(place=st.integers(min_value=0, max_value=len(SEALED.data) - 1), flip=st.integers(min_value=1, max_value=255))
def test_no_byte_can_be_changed(place: int, flip: int) -> None:
    changed = bytearray(SEALED.data)
    changed[place] ^= flip

    with pytest.raises(DecryptionFailed):
        SEALING.decrypt(Encrypted("old", bytes(changed)), context="mails/1")


@given(st.integers(min_value=0, max_value=len(SEALED.data) - 1))
def test_no_end_can_be_cut_off(length: int) -> None:
    with pytest.raises(DecryptionFailed):
        SEALING.decrypt(Encrypted("old", SEALED.data[:length]), context="mails/1")


@given(st.binary(max_size=64))
def test_garbage_is_not_ours(garbage: bytes) -> None:
    with pytest.raises(DecryptionFailed):
        SEALING.decrypt(Encrypted("old", garbage), context="mails/1")


def test_old_key_still_opens_after_a_rotation() -> None:
    assert FieldCipher(ROTATED, KeyLabel.SEALED).decrypt(SEALED, context="mails/1") == PLAIN


def test_new_key_seals_after_a_rotation() -> None:
    assert FieldCipher(ROTATED, KeyLabel.SEALED).encrypt(PLAIN, context="mails/1").key_id == "new"


def test_key_that_is_not_here_yet_is_unknown() -> None:
    with pytest.raises(UnknownKey):
        FieldCipher(ROTATED_AWAY, KeyLabel.SEALED).decrypt(SEALED, context="mails/1")


def test_foreign_key_ring_decrypts_nothing() -> None:
    stranger = type(OLD)({"old": ring("stranger").roots["stranger"]}, OLD.lookup)

    with pytest.raises(DecryptionFailed):
        FieldCipher(stranger, KeyLabel.SEALED).decrypt(SEALED, context="mails/1")
