"""Search for people: the full-text query behind what was typed, and how well a name fits it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from domain.paging import Page, match_cursor
from domain.social.relationships import PersonRow

MAX_RANKED = 10_000
"""So many people are found at most, the best; more are only known to be there."""
MIN_PREFIX_LENGTH = 2
"""With fewer a word is looked for as it is: what begins with one letter is nearly everybody."""
MIN_TYPO_LENGTH = 3
"""Shorter words are one typo away from too many others."""
MAX_WORDS = 8

_IDEOGRAPH = re.compile("([\u3040-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")
_INNER_PUNCTUATION = "'\u2019."
_CURSOR = re.compile(r"([0248])-([0-9a-f]{24})")


class MatchRank(IntEnum):
    """How well a name fits, as the weight of the clause that finds it. A name found by several has their sum:
    each weight is more than all those below it together, so the sum still tells the best.
    """

    TYPO = 0
    DISPLAY_NAME = 2
    USERNAME = 4
    EXACT = 8


@dataclass(frozen=True)
class SearchCursor:
    """Where a page begins: after this person. Best fit first, then by id."""

    rank: MatchRank
    user_id: str


NO_RESULTS: Page[PersonRow] = Page((), 0, None)


def full_text_query(typed: str) -> str | None:
    """The query in Lucene's words; None when nothing in the text can be part of a name.

    Only letters, digits and what stands inside names get through: nothing typed is ever an operator.
    """
    words = _words(typed)
    if not words:
        return None
    clauses = [f"username:[{words[0]} TO {words[0]}]^{MatchRank.EXACT}"] if len(words) == 1 else []
    if sum(map(len, words)) >= MIN_PREFIX_LENGTH:
        clauses += _username_prefix(words) + _display_name(words)
    return " ".join(clauses)


def normalize_text(typed: str) -> str:
    """What was typed, as it is looked for inside names: in lower case, without the space around it."""
    return unicodedata.normalize("NFC", typed).lower().strip()


def format_search_cursor(cursor: SearchCursor) -> str:
    return f"{cursor.rank}-{cursor.user_id}"


def parse_search_cursor(cursor: str) -> SearchCursor:
    """Raises InvalidInput for what no page has given out."""
    match = match_cursor(_CURSOR, cursor)
    return SearchCursor(MatchRank(int(match[1])), match[2])


def _words(typed: str) -> list[str]:
    """As the index cuts names into words: ideographs are words of their own."""
    kept = "".join(letter if _is_of_word(letter) else " " for letter in unicodedata.normalize("NFC", typed).lower())
    words = (word.strip(_INNER_PUNCTUATION) for word in _IDEOGRAPH.sub(r" \1 ", kept).split())
    return [word for word in words if word][:MAX_WORDS]


def _is_of_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN" or letter in _INNER_PUNCTUATION or letter == "_"


def _username_prefix(words: Sequence[str]) -> list[str]:
    return [f"username:{words[0]}*^{MatchRank.USERNAME}"] if len(words) == 1 else []


def _display_name(words: Sequence[str]) -> list[str]:
    """Each word begins one of the name's, or is one typo away from it; or from the username, if there is but one."""
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
