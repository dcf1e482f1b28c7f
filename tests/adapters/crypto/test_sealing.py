"""What is sealed opens with the same key, for the same purpose, in the same place, and unchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.crypto.keys import Label, UnknownKey
from adapters.crypto.sealing import NotOurs, Sealed, Sealing
from tests.adapters.crypto.rings import OLD, ROTATED, ROTATED_AWAY, ring

SEALING = Sealing(OLD, Label.SEALED)
PLAIN = b"alice@example.com"
SEALED = SEALING.seal(PLAIN, context="mails/1")


@given(plain=st.binary(), context=st.text(st.characters(exclude_categories=["Cs"])))
def test_sealed_bytes_open_again(plain: bytes, context: str) -> None:
    assert SEALING.open(SEALING.seal(plain, context=context), context=context) == plain


def test_plain_bytes_do_not_show() -> None:
    assert b"alice" not in SEALED.data


def test_sealed_twice_looks_different() -> None:
    assert SEALING.seal(PLAIN, context="mails/1").data != SEALED.data


def test_other_context_does_not_open_it() -> None:
    with pytest.raises(NotOurs):
        SEALING.open(SEALED, context="mails/2")


@pytest.mark.parametrize("label", [label for label in Label if label is not Label.SEALED])
def test_other_purpose_does_not_open_it(label: Label) -> None:
    with pytest.raises(NotOurs):
        Sealing(OLD, label).open(SEALED, context="mails/1")


def test_key_id_cannot_be_swapped() -> None:
    with pytest.raises(NotOurs):
        Sealing(ROTATED, Label.SEALED).open(Sealed("new", SEALED.data), context="mails/1")


def test_same_key_under_another_id_does_not_open_it() -> None:
    renamed = type(OLD)({"renamed": OLD.roots["old"]}, OLD.lookup)

    with pytest.raises(NotOurs):
        Sealing(renamed, Label.SEALED).open(Sealed("renamed", SEALED.data), context="mails/1")


@given(place=st.integers(min_value=0, max_value=len(SEALED.data) - 1), flip=st.integers(min_value=1, max_value=255))
def test_no_byte_can_be_changed(place: int, flip: int) -> None:
    changed = bytearray(SEALED.data)
    changed[place] ^= flip

    with pytest.raises(NotOurs):
        SEALING.open(Sealed("old", bytes(changed)), context="mails/1")


@given(st.integers(min_value=0, max_value=len(SEALED.data) - 1))
def test_no_end_can_be_cut_off(length: int) -> None:
    with pytest.raises(NotOurs):
        SEALING.open(Sealed("old", SEALED.data[:length]), context="mails/1")


@given(st.binary(max_size=64))
def test_garbage_is_not_ours(garbage: bytes) -> None:
    with pytest.raises(NotOurs):
        SEALING.open(Sealed("old", garbage), context="mails/1")


def test_old_key_still_opens_after_a_rotation() -> None:
    assert Sealing(ROTATED, Label.SEALED).open(SEALED, context="mails/1") == PLAIN


def test_new_key_seals_after_a_rotation() -> None:
    assert Sealing(ROTATED, Label.SEALED).seal(PLAIN, context="mails/1").key_id == "new"


def test_key_that_is_not_here_yet_is_unknown() -> None:
    with pytest.raises(UnknownKey):
        Sealing(ROTATED_AWAY, Label.SEALED).open(SEALED, context="mails/1")


def test_ring_of_another_house_opens_nothing() -> None:
    stranger = type(OLD)({"old": ring("stranger").roots["stranger"]}, OLD.lookup)

    with pytest.raises(NotOurs):
        Sealing(stranger, Label.SEALED).open(SEALED, context="mails/1")
