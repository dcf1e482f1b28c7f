"""Continuation: a begun answer is shown to the model, which says only the rest."""

from collections.abc import AsyncGenerator, AsyncIterator
from itertools import takewhile

from domain.assistant.language_models import Spoken, TextPiece


def sent_beginning(begun: str) -> str:
    """Return what of a begun answer is sent. Some APIs refuse blanks at the end: they are left to the rest."""
    return begun.rstrip()


async def without_blanks_again(begun: str, rest: AsyncIterator[Spoken]) -> AsyncGenerator[Spoken, None]:
    """Yield the rest of a begun answer, without those of its first blanks that the beginning ends with."""
    blanks = begun[len(sent_beginning(begun)) :]
    async for spoken in rest:
        if blanks and isinstance(spoken, TextPiece):
            again = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(blanks, spoken.text, strict=False)))
            text = spoken.text[again:]
            blanks = "" if text else blanks[again:]
            yield TextPiece(text)
        else:
            yield spoken
