"""User search: the full-text query for a typed text, and the ranks of matches."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from domain.paging import Page, match_cursor
from domain.social.index_words import fold, index_words
from domain.social.relationships import PersonRow
from domain.typed_text import compose

MAX_RANKED = 1_000
"""Maximum of ranked hits, the best; of further ones only the existence is known. It bounds a search."""
MIN_PREFIX_LENGTH = 2
"""Shorter terms are matched exactly: a prefix of one letter matches almost all users."""
MIN_TYPO_LENGTH = 3
"""Shorter terms are within one typo of too many others."""
MAX_WORDS = 8

_OPERATOR = re.compile('[:"]')
"""Of the operators of the query language, those that stand inside words of the index."""
_CURSOR = re.compile(r"([0248])-([0-9a-f]{24})")


class MatchRank(IntEnum):
    """Rank of a match, as the weight of the query clause. A name matched by several clauses scores their sum: each
    weight is more than all lower ones together, so the sum still identifies the best clause.
    """

    TYPO = 0
    DISPLAY_NAME = 2
    USERNAME = 4
    EXACT = 8


@dataclass(frozen=True)
class SearchCursor:
    """The user after whom a page begins: rank, descending, then id."""

    rank: MatchRank
    user_id: str


NO_RESULTS: Page[PersonRow] = Page((), 0, None)


def full_text_query(typed: str) -> str | None:
    """Return the Lucene query; None when the text has no character of a name.

    Only words of the index are kept, with what is an operator in them escaped: typed text never becomes one.
    """
    words = _words(typed)
    if not words:
        return None
    exact = _escape(words[0])
    clauses = [f"username:[{exact} TO {exact}]^{MatchRank.EXACT}"] if len(words) == 1 else []
    if sum(map(len, words)) >= MIN_PREFIX_LENGTH:
        clauses += _username_prefix(words) + _display_name(words)
    return " ".join(clauses)


def normalize_text(typed: str) -> str:
    """Return the text as it is compared with names: NFC, folded as in the index, without surrounding whitespace."""
    return fold(compose(typed)).strip()


def format_search_cursor(cursor: SearchCursor) -> str:
    """Return the text of a cursor, `<rank>-<user id>`."""
    return f"{cursor.rank}-{cursor.user_id}"


def parse_search_cursor(cursor: str) -> SearchCursor:
    """Parse the text of `format_search_cursor`. Raises InvalidInput for any other text."""
    match = match_cursor(_CURSOR, cursor.lower())
    return SearchCursor(MatchRank(int(match[1])), match[2])


def _words(typed: str) -> list[str]:
    """Return up to MAX_WORDS terms, cut and folded as the index does with names."""
    return list(index_words(compose(typed)))[:MAX_WORDS]


def _escape(word: str) -> str:
    return _OPERATOR.sub(r"\\\g<0>", word)


def _username_prefix(words: Sequence[str]) -> list[str]:
    return [f"username:{_escape(words[0])}*^{MatchRank.USERNAME}"] if len(words) == 1 else []


def _display_name(words: Sequence[str]) -> list[str]:
    """Return clauses: all terms are prefixes in the display name; or each is a prefix or within one typo. A single term
    also matches a username within one typo.
    """
    share = (MatchRank.DISPLAY_NAME + 0.5) / len(words)
    exact = " ".join(f"+{_begins(word)}^{share:.4f}" for word in words)
    close = " ".join(f"+({_begins(word)} {_close_to(word, is_only=len(words) == 1)})" for word in words)
    return [f"({exact})", f"({close})^0.0001"]


def _begins(word: str) -> str:
    term = _escape(word)
    return f"display_name:{term}*" if len(word) >= MIN_PREFIX_LENGTH else f"display_name:[{term} TO {term}]"


def _close_to(word: str, *, is_only: bool) -> str:
    if len(word) < MIN_TYPO_LENGTH:
        return ""
    term = _escape(word)
    return f"display_name:{term}~1" + (f" username:{term}~1" if is_only else "")
