"""Text as users type it: one form for texts that are the same to a reader, and nothing that misleads one."""

import re
import unicodedata
from collections.abc import Collection

_NEWLINE = re.compile(r"\r\n?")
_MINUS = "\u2212"
_PARTNERS = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"),
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),
}
"""Controls that set the writing direction, each with the one that ends it (UAX 9, section 2)."""


def compose(typed: str) -> str:
    """Return the text in NFC (UAX 15): an accent is the same whether it was typed as one character or as two."""
    return unicodedata.normalize("NFC", typed)


def unify_newlines(typed: str) -> str:
    """Return the text with every end of a line as LF: a form in a browser sends CR LF."""
    return _NEWLINE.sub("\n", typed)


def join_code(typed: str) -> str:
    """Return a typed code without whitespace and dashes, in NFKC (UAX 15), so that full-width digits are digits."""
    return "".join(symbol for symbol in unicodedata.normalize("NFKC", typed) if not _separates(symbol))


def find_unpaired_bidi(text: str) -> Collection[int]:
    """Return the positions of controls of the writing direction without a partner: they turn round what comes after."""
    opened, unpaired = list[int](), list[int]()
    for position, letter in enumerate(text):
        if letter in _PARTNERS:
            opened.append(position)
        elif opened and letter == _PARTNERS[text[opened[-1]]]:
            opened.pop()
        elif letter in _PARTNERS.values():
            unpaired.append(position)
    return {*unpaired, *opened}


def remove_unpaired_bidi(text: str) -> str:
    """Return the text without the controls that `find_unpaired_bidi` finds."""
    unpaired = find_unpaired_bidi(text)
    return "".join(letter for position, letter in enumerate(text) if position not in unpaired)


def _separates(symbol: str) -> bool:
    return symbol.isspace() or symbol == _MINUS or unicodedata.category(symbol) == "Pd"
