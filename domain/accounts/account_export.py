"""An export: all that the system holds about one person, in one JSON file that is kept for a day."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

EXPORT_TTL = timedelta(hours=24)
CHUNK_BYTES = 8_000_000
"""Sealed, and with all that stands around it, a chunk stays well below the 16 MB of a document."""
JSON_END = "}"

Row = Mapping[str, object]


@dataclass(frozen=True)
class Export:
    """One file. There is something to read from when it is ready until a day later."""

    user_id: str
    ready_until: datetime | None


async def json_chunks(
    noun: str, number: int, rows: AsyncIterator[Row], *, size: int = CHUNK_BYTES
) -> AsyncIterator[str]:
    """The noun's part of the file, in pieces of about `size` bytes: a list of rows under its name.

    The parts of all nouns, in the order of their numbers, and CLOSING at the end are one JSON object.
    """
    text, length, separator = [("," if number else "{") + json.dumps(noun) + ": ["], 0, ""
    async for row in rows:
        piece = separator + json.dumps(row, ensure_ascii=False, default=_to_json_value)
        separator = ",\n"
        if length + len(piece.encode()) > size:
            yield "".join(text)
            text, length = [], 0
        text.append(piece)
        length += len(piece.encode())
    yield "".join([*text, "]\n"])


def _to_json_value(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
