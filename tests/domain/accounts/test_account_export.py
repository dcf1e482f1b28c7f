"""The file of an export: one JSON object, however its parts were cut."""

import json
from collections.abc import AsyncIterator

import pytest

from domain.accounts.account_export import JSON_END, Row, json_chunks


async def rows(count: int) -> AsyncIterator[Row]:
    for number in range(count):
        yield {"number": number, "text": "ä" * 20}


async def pieces(noun: str, number: int, count: int, size: int) -> list[str]:
    return [piece async for piece in json_chunks(noun, number, rows(count), size=size)]


@pytest.mark.parametrize("size", [1, 100, 10_000])
async def test_parts_together_are_one_object(size: int) -> None:
    parts = [*await pieces("first", 0, 7, size), *await pieces("none", 1, 0, size), *await pieces("last", 2, 1, size)]

    gathered = json.loads("".join([*parts, JSON_END]))

    assert {noun: len(found) for noun, found in gathered.items()} == {"first": 7, "none": 0, "last": 1}
    assert [row["number"] for row in gathered["first"]] == list(range(7))


async def test_pieces_are_no_larger_than_they_may_be() -> None:
    assert max(len(piece.encode()) for piece in await pieces("many", 1, 100, 1_000)) < 1_100
