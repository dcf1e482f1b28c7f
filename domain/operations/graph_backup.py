"""Relationships in a plain file, for they live in the graph alone: a line of JSON for each, and one at either end."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FORMAT_VERSION = 1


class InvalidBackup(Exception):
    """Not a file of ours, or not the whole of it. The text says where and what."""


class EdgeKind(StrEnum):
    FOLLOWING = "FOLLOWING"
    FOLLOWING_PAUSED = "FOLLOWING_PAUSED"
    BLOCKED = "BLOCKED"
    INTERESTS = "INTERESTS"
    DISMISSED = "DISMISSED"


@dataclass(frozen=True)
class GraphEdge:
    """`to_id`: a person, or the key of an interest. `properties`: the properties of the edge."""

    kind: EdgeKind
    from_id: str
    to_id: str
    properties: Mapping[str, Any]


async def format_backup(edges: AsyncIterator[GraphEdge]) -> AsyncIterator[str]:
    """The lines of the file. The last one counts the others: a file that was cut off lacks it."""
    yield _line({"format": FORMAT_VERSION})
    count = 0
    async for each in edges:
        yield _line({"kind": each.kind, "from": each.from_id, "to": each.to_id, "facts": each.properties})
        count += 1
    yield _line({"end": count})


def parse_backup(lines: Iterable[str]) -> Iterator[GraphEdge]:
    """The relationships of a file, one after the other. Raises InvalidBackup where it goes wrong, not before."""
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
