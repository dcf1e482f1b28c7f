"""Backup file of relationships, which are stored in the graph only: JSON lines, one per edge, a header and an end."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FORMAT_VERSION = 1


class InvalidBackup(Exception):
    """The file is not a backup, or is incomplete. The message names the line and the problem."""


class EdgeKind(StrEnum):
    """Relationship types of the graph."""

    FOLLOWING = "FOLLOWING"
    FOLLOWING_PAUSED = "FOLLOWING_PAUSED"
    BLOCKED = "BLOCKED"
    INTERESTS = "INTERESTS"
    DISMISSED = "DISMISSED"


@dataclass(frozen=True)
class GraphEdge:
    """An edge of the graph. `from_id`: a user id. `to_id`: a user id, or the key of an interest."""

    kind: EdgeKind
    from_id: str
    to_id: str
    properties: Mapping[str, Any]


async def format_backup(edges: AsyncIterator[GraphEdge]) -> AsyncIterator[str]:
    """Yield the lines of the file. The last line holds the number of edges: a truncated file lacks it."""
    yield _line({"format": FORMAT_VERSION})
    count = 0
    async for edge in edges:
        yield _line({"kind": edge.kind, "from": edge.from_id, "to": edge.to_id, "facts": edge.properties})
        count += 1
    yield _line({"end": count})


def parse_backup(lines: Iterable[str]) -> Iterator[GraphEdge]:
    """Yield the edges of a file. Raises InvalidBackup at the first invalid line, after yielding the edges before it."""
    count, is_whole = 0, False
    for number, line in enumerate(lines, start=1):
        row = _row(line, number)
        if number == 1 and row.get("format") != FORMAT_VERSION:
            raise InvalidBackup("Line 1: this is no file of relationships.")
        if "kind" in row:
            yield _edge(row, number)
            count += 1
        is_whole = row.get("end") == count
    if not is_whole:
        raise InvalidBackup(f"The file ends early: after {count} relationships its last line is missing.")


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False) + "\n"


def _row(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        raise InvalidBackup(f"Line {number}: this is no JSON.") from None
    if not isinstance(row, dict):
        raise InvalidBackup(f"Line {number}: this is no object.")
    return row


def _edge(row: Mapping[str, Any], number: int) -> GraphEdge:
    try:
        return GraphEdge(EdgeKind(row["kind"]), str(row["from"]), str(row["to"]), dict(row["facts"]))
    except (KeyError, TypeError, ValueError):
        raise InvalidBackup(f"Line {number}: this is no relationship.") from None
