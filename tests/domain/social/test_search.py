"""Typed search text becomes a query without any operator that the user typed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.social.search import (
    MAX_WORDS,
    MatchRank,
    SearchCursor,
    format_search_cursor,
    full_text_query,
    normalize_text,
    parse_search_cursor,
)

HARMLESS = re.compile(r"(username|display_name):|\\[:\"]|~1|\*|\^[0-9.]+|\[(\S+) TO \2\]|[()+ ]")


def terms(query: str) -> str:
    """The query without our own syntax: words alone."""
    return HARMLESS.sub("", query)


def test_one_word_may_be_a_name_or_begin_one_or_be_mistyped() -> None:
    assert full_text_query("Anna") == (
        "username:[anna TO anna]^8 username:anna*^4 (+display_name:anna*^2.5000) "
        "(+(display_name:anna* display_name:anna~1 username:anna~1))^0.0001"
    )


def test_several_words_are_a_display_name() -> None:
    query = full_text_query("anna smi")

    assert query is not None
    assert "username:" not in query
    assert "+display_name:anna*^1.2500 +display_name:smi*^1.2500" in query


def test_one_letter_is_that_username_and_nothing_else() -> None:
    assert full_text_query("a") == "username:[a TO a]^8"


def test_two_letters_are_not_mistyped() -> None:
    assert "~" not in (full_text_query("an") or "")


@pytest.mark.parametrize("typed", [" ", "***", "()", '"', "\\", "&&||", "\U0001f600", "..."])
def test_text_without_a_letter_finds_no_user(typed: str) -> None:
    assert full_text_query(typed) is None


@pytest.mark.parametrize(
    ("typed", "term"),
    [
        ("O'Neil", "display_name:o'neil*"),
        ("हिन्दी", "display_name:हिन्दी*"),
        ("山田", "+display_name:[山 TO 山]^1.2500 +display_name:[田 TO 田]^1.2500"),
        ("Jose\u0301", "display_name:jos\u00e9*"),
        ("МАРИЯ", "display_name:мария*"),
        ("Anna:Maria", "display_name:anna\\:maria*"),
        ("x² lab", "+display_name:[x TO x]^1.2500 +display_name:lab*^1.2500"),
        ("½ price", "+display_name:price*^2.5000"),
    ],
)
def test_words_are_cut_as_the_index_cuts_names(typed: str, term: str) -> None:
    assert term in (full_text_query(typed) or "")


def test_more_words_than_names_have_are_not_looked_for() -> None:
    query = full_text_query("ab " * 30)

    assert query is not None
    assert query.count("^0.3125") == MAX_WORDS


@given(st.text(min_size=1, max_size=100))
def test_nothing_typed_is_an_operator(typed: str) -> None:
    query = full_text_query(typed) or ""

    assert not set(terms(query)) & set('+-&|!(){}[]^"~*?:\\/ ')


@pytest.mark.parametrize("typed", ["a OR b", "x AND NOT y", "username:admin", "*:*", "a TO b]", "anna~2 /.*/"])
def test_operators_are_words_or_nothing(typed: str) -> None:
    query = full_text_query(typed) or ""

    assert not re.search(r"\b(AND|OR|NOT)\b|\*:|~2|/", query)


@pytest.mark.parametrize("fit", MatchRank)
def test_cursor_is_read_as_it_was_written(fit: MatchRank) -> None:
    place = SearchCursor(fit, "0123456789abcdef01234567")

    assert parse_search_cursor(format_search_cursor(place)) == place


@pytest.mark.parametrize("cursor", ["", "4", "3-0123456789abcdef01234567", "4-0123", "4-0123456789abcdef01234567 "])
def test_other_text_is_no_cursor(cursor: str) -> None:
    with pytest.raises(InvalidInput):
        parse_search_cursor(cursor)


def test_each_fit_outweighs_all_below_it() -> None:
    assert all(sum(lower for lower in MatchRank if lower < fit) < fit for fit in MatchRank if fit)


@pytest.mark.parametrize(
    ("typed", "looked_for"),
    [(" Ann ", "ann"), ("\u00c9ve", "\u00e9ve"), ("E\u0301ve", "\u00e9ve"), ("\u0130pek", "ipek")],
)
def test_text_inside_a_name_is_looked_for_in_one_spelling(typed: str, looked_for: str) -> None:
    assert normalize_text(typed) == looked_for
