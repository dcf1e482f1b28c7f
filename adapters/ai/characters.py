"""Characters that come in halves: JSON may write one beyond U+FFFF as two escapes, and a provider cuts between them."""

import re
from collections.abc import AsyncGenerator, AsyncIterator

from domain.assistant.language_models import Spoken, TextPiece

FIRST_HALF = re.compile("[\ud800-\udbff]\\Z")


def join_halves(text: str) -> str:
    """Return a text whose halves of characters are joined; U+FFFD stands for one without its other half."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


async def in_whole_characters(rest: AsyncIterator[Spoken]) -> AsyncGenerator[Spoken, None]:
    """Yield what is said. A first half at the end of a piece is held back for the next."""
    held = ""
    async for spoken in rest:
        if not isinstance(spoken, TextPiece):
            yield spoken
            continue
        text = held + spoken.text
        held = text[-1] if FIRST_HALF.search(text) else ""
        yield TextPiece(join_halves(text.removesuffix(held)))
    if held:
        yield TextPiece(join_halves(held))
