"""Cuts text into words as the full-text index over names does: Lucene's StandardTokenizer, then its LowerCaseFilter.

The tokenizer of Lucene 9.11 follows UAX 29 with Unicode 12.1. A word that the index does not have finds no user, so the
classes of letters are those of that version: what is younger is no letter.
"""

import re
import unicodedata
from collections.abc import Sequence

_BY_CATEGORY = dict.fromkeys(("Lu", "Ll", "Lt", "Lm", "Lo", "Nl"), "L")
_BY_CATEGORY |= {"Nd": "N", "Mn": "X", "Mc": "X", "Me": "X", "Cf": "X", "Pc": "_"}
"""L letter, N digit, X mark or format of the letter before, _ connector. Everything else is between words."""

_EXCEPTIONS = {
    # Younger than Unicode 12.1, or no part of a word for another reason.
    " ": re.compile(
        "[\u0870-\u0887\u0889-\u089f\u08b5\u08be-\u08d2\u0b55\u0c3c\u0c5d\u0cdd\u0d04\u0d81\u170d\u1715-\u171f\u180f"
        "\u1abf-\u1ace\u1b4c\u1dfa\u200b\u2c2f\u2c5f\u3006\u31bb-\u31bf\u4db6-\u4dbf\u9ff0-\u9fff\ua7c0-\ua7c1"
        "\ua7c7-\ua7f6\ua82c\uab68-\uab69\U00010570-\U000105bc\U00010780-\U000107ba\U00010e80-\U00010eac"
        "\U00010eb0-\U00010eb1\U00010f70-\U00010f85\U00010fb0-\U00010fc4\U00011070-\U00011075\U000110c2\U00011147"
        "\U000111ce-\U000111cf\U00011460-\U00011461\U00011740-\U00011746\U00011900-\U00011943\U00011950-\U00011959"
        "\U00011ab0-\U00011abf\U00011fb0\U00012f90-\U00012ff0\U00016a70-\U00016ac9\U00016fe4-\U0001affe\U0001b11f-\U0001b122"
        "\U0001b170-\U0001b2fb\U0001cf00-\U0001cf46\U0001df00-\U0001df1e\U0001e290-\U0001e2ae\U0001e7e0-\U0001e7fe"
        "\U0001fbf0-\U0001fbf9\U0002a6d7-\U0002a6df\U0002b735-\U0002b738\U00030000-\U0003134a]"
    ),
    # Ideographs and Hiragana: each is a word.
    "I": re.compile(
        "[\u3007\u3021-\u3029\u3038-\u303a\u3041-\u3096\u309d-\u309f\u3400-\u4db5\u4e00-\u9fef\uf900-\ufa6d\ufa70-\ufad9"
        "\U0001b001-\U0001b11e\U0001b150-\U0001b152\U00020000-\U0002a6d6\U0002a700-\U0002b734\U0002b740-\U0002b81d"
        "\U0002b820-\U0002cea1\U0002ceb0-\U0002ebe0\U0002f800-\U0002fa1d]"
    ),
    "K": re.compile(
        "[\u3031-\u3035\u309b-\u309c\u30a0-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u32d0-\u32fe\u3300-\u3357\uff66-\uff9d\U0001b000"
        "\U0001b164-\U0001b167]"
    ),
    # Scripts of South East Asia, which do not separate words: a run of them is a word. Their marks are M: such a run
    # may begin with one, and behind any other letter it is as X.
    "S": re.compile(
        "[\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ecd\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u109a-\u109f\u1780-\u17d3\u17d7"
        "\u17dc-\u17dd\u1950-\u19c9\u19da-\u19df\u1a20-\u1a7c\u1aa0-\u1aad\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaadf"
        "\U00011700-\U0001172b\U0001173a-\U0001173b\U0001173f]"
    ),
    "H": re.compile("[\u05d0-\u05ea\u05ef-\u05f2\ufb1d\ufb1f-\ufb4f]"),
    # Letters of another category.
    "L": re.compile(
        "[\u02c2-\u02c5\u02d2-\u02d7\u02de-\u02df\u02ed\u02ef-\u02ff\u055b-\u055c\u055e\u05f3\u066b\u24b6-\u24e9\ua720-\ua721"
        "\ua789-\ua78a\uab5b\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189]"
    ),
    "X": re.compile("[\uff9e-\uff9f\U0001f3fb-\U0001f3ff]"),
    "_": re.compile("\u202f"),
    # Between two letters, between two digits, between two of either.
    ":": re.compile("[:\u00b7\u0387\u05f4\u2027\ufe13\ufe55\uff1a]"),
    ",": re.compile("[,;\u037e\u0589\u060c-\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b]"),
    ".": re.compile("[.\u2018-\u2019\u2024\ufe52\uff07\uff0e]"),
    "'": re.compile("'"),
    '"': re.compile('"'),
}

_X = "[XM]*"
_LETTERS = rf"""[LH]{_X}(?:(?:[:.']{_X})?[LH]{_X}|(?<=H)"{_X}H{_X}|(?<=H)'{_X})*"""
_DIGITS = rf"N{_X}(?:(?:[,.']{_X})?N{_X})*"
_PIECE = rf"(?:(?:{_LETTERS}|{_DIGITS})+|(?:K{_X})+)"
_JOINTS = rf"(?:_{_X})"
_WORD = re.compile(rf"I{_X}|[SM][SMX]*|{_JOINTS}*{_PIECE}(?:{_JOINTS}+{_PIECE})*{_JOINTS}*")
"""In classes of letters: the rules WB4 to WB13b of UAX 29, as the tokenizer has them."""


def index_words(text: str) -> Sequence[str]:
    """Return the words of a text as the index has them. Emoji, which are words there too, are left out."""
    classes = "".join(map(_class, text))
    return [fold(text[match.start() : match.end()]) for match in _WORD.finditer(classes)]


def fold(text: str) -> str:
    """Return the text in lower case letter by letter, so that no letter becomes two: `İ` is `i`."""
    return "".join(letter.lower()[0] for letter in text)


def _class(letter: str) -> str:
    category = unicodedata.category(letter)
    exceptions = (kind for kind, letters in _EXCEPTIONS.items() if letters.match(letter))
    kind = next(exceptions, _BY_CATEGORY.get(category, " "))
    return "M" if kind == "S" and category[0] == "M" else kind
