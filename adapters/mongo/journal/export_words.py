"""Words in the file of an exported journal, opened when it is read: those of who was erased meanwhile stay sealed."""

from collections.abc import AsyncIterator, Sequence

from adapters.mongo.journal.entry_words import open_words, owners_of
from adapters.mongo.journal.subject_keys import Ciphers, SubjectKeyStore
from domain.journal.export_lines import SealedLine, opened_line, parse_sealed_line

LINES_AT_ONCE = 500
"""Opening them blocks the event loop for some ten milliseconds."""


class ExportWords:
    """Opens the words in a file, with one query for the keys of many lines."""

    def __init__(self, keys: SubjectKeyStore) -> None:
        self._keys = keys

    async def open(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield the file of whole lines, some at a time, with the words that can be read. Raises UnknownKey."""
        async for chunk in chunks:
            lines = chunk.splitlines(keepends=True)
            for first in range(0, len(lines), LINES_AT_ONCE):
                yield b"".join(await self._open(lines[first : first + LINES_AT_ONCE]))

    async def _open(self, lines: Sequence[bytes]) -> Sequence[bytes]:
        parsed = [parse_sealed_line(line) for line in lines]
        owners = {owner for sealed in parsed if sealed for owner in owners_of(sealed)}
        ciphers = await self._keys.for_reading(owners) if owners else {}
        return [_opened(sealed, ciphers) if sealed else line for sealed, line in zip(parsed, lines, strict=True)]


def _opened(sealed: SealedLine, ciphers: Ciphers) -> bytes:
    words = open_words(sealed, ciphers)
    return opened_line(sealed, actor=words.actor, subject=words.subject).encode()
