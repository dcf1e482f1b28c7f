"""A password may hold anything; it is refused for its length, for being common, for naming its owner or us."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.auth.password import PRODUCT_NAME, is_weak, normalize_password

COMMON = frozenset({"sunshine", "qwertyuiop"})


def is_refused(password: str, *context: str) -> bool:
    return is_weak(normalize_password(password), common=COMMON, context=context)


@pytest.mark.parametrize(
    ("password", "refused"), [("x" * 7, True), ("x" * 8, False), ("x" * 256, False), ("x" * 257, True), ("", True)]
)
def test_length_is_8_to_256(password: str, refused: bool) -> None:
    assert is_refused(password) is refused


@pytest.mark.parametrize(("password", "refused"), [("\U0001f511" * 7, True), ("\U0001f511" * 8, False)])
def test_length_is_counted_in_code_points(password: str, refused: bool) -> None:
    assert is_refused(password) is refused


def test_length_is_counted_after_composing() -> None:
    assert is_refused("e\u0301" * 7)
    assert not is_refused("e\u0301" * 8)


@pytest.mark.defect(35)
@given(st.text())
def test_two_keyboards_type_one_password(text: str) -> None:
    assert normalize_password(unicodedata.normalize("NFD", text)) == normalize_password(
        unicodedata.normalize("NFC", text)
    )


@given(st.text())
def test_nothing_but_composing_is_done_to_it(text: str) -> None:
    assert normalize_password(text) == unicodedata.normalize("NFC", text)


@pytest.mark.defect(35)
@given(st.text(min_size=8, max_size=256).filter(lambda text: PRODUCT_NAME not in text.casefold()))
def test_any_characters_are_allowed(password: str) -> None:
    assert not is_weak(password, common=(), context=())


@pytest.mark.parametrize(
    "password", ["        ", "12345678", "aaaaaaaa", "\u0645\u0631\u062d\u0628\u0627\u0645\u0631\u062d"]
)
def test_no_rule_asks_for_kinds_of_characters(password: str) -> None:
    assert not is_refused(password)


@pytest.mark.parametrize("password", ["sunshine", "SunShine", "QWERTYUIOP"])
def test_common_password_is_refused_in_any_letter_case(password: str) -> None:
    assert is_refused(password)


def test_common_password_may_be_a_part() -> None:
    assert not is_refused("sunshine over Sligo")


@pytest.mark.parametrize("password", ["alice-in-wonderland", "my name is ALICE", "xxalicexx"])
def test_password_with_its_owners_name_is_refused(password: str) -> None:
    assert is_refused(password, "Alice", "someone")


def test_context_word_under_four_characters_is_ignored() -> None:
    assert not is_refused("bob builds bridges", "bob")
    assert is_refused("anna builds bridges", "anna")


@pytest.mark.parametrize("password", ["decode-2026", "i love DeCode"])
def test_password_with_the_products_name_is_refused(password: str) -> None:
    assert is_refused(password)
