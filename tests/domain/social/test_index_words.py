"""Words as the full-text index has them; tests/adapters/neo4j/social/test_search.py asks the index itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.social.index_words import fold, index_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\u00bd price shop", ["price", "shop"]),
        ("Team \u2460", ["team"]),
        ("x\u00b2 lab", ["x", "lab"]),
        ("\u24b6nna \u2167", ["\u24d0nna", "\u2177"]),
        ("\u0130pek", ["ipek"]),
        ("\u03a3\u039f\u03a6\u039f\u03a3", ["\u03c3\u03bf\u03c6\u03bf\u03c3"]),
        ("O'Neil J.R.", ["o'neil", "j.r"]),
        ("a.1 1.5 1,000 a,b", ["a", "1", "1.5", "1,000", "a", "b"]),
        ("Anna:Maria", ["anna:maria"]),
        ("_a_b__", ["_a_b__"]),
        ("___", []),
        ("0\U0001171d \u0e31\u0e01", ["0\U0001171d", "\u0e31\u0e01"]),
        ("\u5c71\u7530\u3055\u3093\u30ab\u30ca", ["\u5c71", "\u7530", "\u3055", "\u3093", "\u30ab\u30ca"]),
        ("\ud55c\uae00 abc\u30ab", ["\ud55c\uae00", "abc", "\u30ab"]),
        ("\u0e01\u0e31\u0e01a", ["\u0e01\u0e31\u0e01", "a"]),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"]),
        ('\u05d3"\u05e8 \u05db\u05d4\u05df', ['\u05d3"\u05e8', "\u05db\u05d4\u05df"]),
        ("\U0001f600 Ann\u00a9", ["ann"]),
        ("\U00030000 \u08be a", ["a"]),
    ],
    ids=ascii,
)
def test_text_is_cut_as_the_index_cuts_it(text: str, words: list[str]) -> None:
    assert index_words(text) == words


@given(st.text())
def test_no_letter_becomes_two(text: str) -> None:
    assert len(fold(text)) == len(text)
