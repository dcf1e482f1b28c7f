"""User search: the full-text query for a typed text, and the ranks of matches."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from domain.paging import Page, match_cursor
from domain.social.relationships import PersonRow

MAX_RANKED = 10_000
"""Maximum of ranked hits, the best; of further ones only the existence is known."""
MIN_PREFIX_LENGTH = 2
"""Shorter terms are matched exactly: a prefix of one letter matches almost all users."""
MIN_TYPO_LENGTH = 3
"""Shorter terms are within one typo of too many others."""
MAX_WORDS = 8

_IDEOGRAPH = re.compile("([\u3040-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
_INNER_PUNCTUATION = "'\u2019."
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

    Only letters, marks, numbers and punctuation of names are kept: typed text never becomes an operator.
    """
    words = _words(typed)
    if not words:
        return None
    clauses = [f"username:[{words[0]} TO {words[0]}]^{MatchRank.EXACT}"] if len(words) == 1 else []
    if sum(map(len, words)) >= MIN_PREFIX_LENGTH:
        clauses += _username_prefix(words) + _display_name(words)
    return " ".join(clauses)


def normalize_text(typed: str) -> str:
    """Return the text as it is compared with names: NFC, in lower case, without surrounding whitespace."""
    return unicodedata.normalize("NFC", typed).lower().strip()


def format_search_cursor(cursor: SearchCursor) -> str:
    """Return the text of a cursor, `<rank>-<user id>`."""
    return f"{cursor.rank}-{cursor.user_id}"


def parse_search_cursor(cursor: str) -> SearchCursor:
    """Parse the text of `format_search_cursor`. Raises InvalidInput for any other text."""
    match = match_cursor(_CURSOR, cursor.lower())
    return SearchCursor(MatchRank(int(match[1])), match[2])


def _words(typed: str) -> list[str]:
    """Return up to MAX_WORDS terms, split as the index tokenizes names: each ideograph is a term."""
    kept = "".join(letter if _is_of_word(letter) else " " for letter in unicodedata.normalize("NFC", typed).lower())
    words = (word.strip(_INNER_PUNCTUATION) for word in _IDEOGRAPH.sub(r" \1 ", kept).split())
    return [word for word in words if word][:MAX_WORDS]


def _is_of_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN" or letter in _INNER_PUNCTUATION or letter == "_"


def _username_prefix(words: Sequence[str]) -> list[str]:
    return [f"username:{words[0]}*^{MatchRank.USERNAME}"] if len(words) == 1 else []


def _display_name(words: Sequence[str]) -> list[str]:
    """Return clauses: all terms are prefixes in the display name; or each is a prefix or within one typo. A single term
    also matches a username within one typo.
    """
    share = (MatchRank.DISPLAY_NAME + 0.5) / len(words)
    exact = " ".join(f"+{_begins(word)}^{share:.4f}" for word in words)
    close = " ".join(f"+({_begins(word)} {_close_to(word, is_only=len(words) == 1)})" for word in words)
    return [f"({exact})", f"({close})^0.0001"]


def _begins(word: str) -> str:
    return f"display_name:{word}*" if len(word) >= MIN_PREFIX_LENGTH else f"display_name:[{word} TO {word}]"


def _close_to(word: str, *, is_only: bool) -> str:
    if len(word) < MIN_TYPO_LENGTH:
        return ""
    return f"display_name:{word}~1" + (f" username:{word}~1" if is_only else "")
