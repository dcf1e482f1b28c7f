"""Account export: all data that the system holds about a user, in one JSON file that is kept for a day."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime

from domain.flows import CHUNK_BYTES
from domain.moments import format_timestamp

JSON_END = "}"

Row = Mapping[str, object]


async def json_chunks(
    noun: str, number: int, rows: AsyncIterator[Row], *, size: int = CHUNK_BYTES
) -> AsyncIterator[str]:
    """Yield the noun's part of the file, a list of rows under its name, in pieces of at most about `size` bytes.

    The parts of all nouns in the order of `number`, from 0, and JSON_END at the end form one JSON object.
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
    return format_timestamp(value) if isinstance(value, datetime) else str(value)
