"""Refreshes that meet: each session moves on by one, once, and who moved it knows it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.results import BulkWriteResult

from adapters.mongo.auth.generations import Advance, advance_generations
from adapters.mongo.client import Document
from adapters.resources import Resources
from tests.support.accounts import make_account

NOW = datetime.now(UTC)
MILLISECOND = timedelta(milliseconds=1)
OVERTAKEN_AT = NOW + timedelta(seconds=1)


class OvertakenSessions(AsyncCollection[Document]):
    """The sessions, where another process moves on again what is moved on at OVERTAKEN_AT, before it can be read."""

    async def bulk_write(self, *args: Any, **options: Any) -> BulkWriteResult:
        written = await super().bulk_write(*args, **options)
        next_step = {"$inc": {"generation": 1}, "$set": {"rotated_at": OVERTAKEN_AT + MILLISECOND}}
        await self.update_many({"rotated_at": OVERTAKEN_AT}, next_step)
        return written


@pytest.fixture
def sessions(resources: Resources) -> AsyncCollection[Document]:
    return resources.clients.database["sessions"]


@pytest.fixture
async def ids(resources: Resources) -> list[ObjectId]:
    """Three sessions of the first generation."""
    return [ObjectId((await make_account(resources)).session["_id"]) for _ in range(3)]


def generations(documents: list[Document | None]) -> list[int | None]:
    return [document["generation"] if document else None for document in documents]


async def advance(sessions: AsyncCollection[Document], *advances: Advance) -> list[int | None]:
    return generations([*await advance_generations(sessions, advances)])


async def stored(sessions: AsyncCollection[Document], session_id: ObjectId) -> Document:
    document = await sessions.find_one({"_id": session_id})
    assert document is not None
    return document


async def test_sessions_that_meet_move_on_by_one_each(sessions: AsyncCollection[Document], ids: list[ObjectId]) -> None:
    documents = await advance_generations(sessions, [Advance(each, 1, NOW) for each in ids])

    assert [document and document["_id"] for document in documents] == ids
    assert generations([*documents]) == [2, 2, 2]
    assert generations([await stored(sessions, each) for each in ids]) == [2, 2, 2]


@pytest.mark.parametrize("apart", [timedelta(0), MILLISECOND])
async def test_of_twins_that_meet_one_has_moved_the_session_on(
    sessions: AsyncCollection[Document], ids: list[ObjectId], apart: timedelta
) -> None:
    twins = [Advance(ids[0], 1, NOW + number * apart) for number in range(5)]

    moved = await advance(sessions, *twins, Advance(ids[1], 1, NOW))

    assert sorted(moved, key=bool) == [None] * 4 + [2, 2]
    assert (await stored(sessions, ids[0]))["generation"] == 2


async def test_twin_of_an_advance_made_elsewhere_has_not_moved_the_session_on(
    sessions: AsyncCollection[Document], ids: list[ObjectId]
) -> None:
    await advance(sessions, Advance(ids[0], 1, NOW - MILLISECOND))

    assert await advance(sessions, Advance(ids[0], 1, NOW), Advance(ids[1], 1, NOW)) == [None, 2]


async def test_older_generation_moves_nothing_among_those_that_do(
    sessions: AsyncCollection[Document], ids: list[ObjectId]
) -> None:
    await advance(sessions, Advance(ids[0], 1, NOW))
    await advance(sessions, Advance(ids[0], 2, NOW))

    assert await advance(sessions, *(Advance(each, 1, NOW) for each in ids)) == [None, 2, 2]
    assert (await stored(sessions, ids[0]))["generation"] == 3


@pytest.mark.parametrize(
    "over",
    [{"is_active": False}, {"expires_at": NOW}, {"last_used_at": NOW - timedelta(days=14)}],
    ids=["revoked", "expired", "idle"],
)
async def test_session_that_is_over_stays_among_those_that_move_on(
    sessions: AsyncCollection[Document], ids: list[ObjectId], over: Document
) -> None:
    await sessions.update_one({"_id": ids[1]}, {"$set": over})

    assert await advance(sessions, *(Advance(each, 1, NOW) for each in ids)) == [2, None, 2]
    assert (await stored(sessions, ids[1]))["generation"] == 1


async def test_unknown_session_among_others_is_none(sessions: AsyncCollection[Document], ids: list[ObjectId]) -> None:
    assert await advance(sessions, Advance(ObjectId(), 1, NOW), Advance(ids[0], 1, NOW)) == [None, 2]


async def test_session_moved_on_again_before_it_is_read_was_moved_on_all_the_same(
    resources: Resources, ids: list[ObjectId]
) -> None:
    """Were it not, the caller would take its own token for a stolen one."""
    overtaken = OvertakenSessions(resources.clients.database, "sessions")

    assert await advance(overtaken, *(Advance(each, 1, OVERTAKEN_AT) for each in ids)) == [2, 2, 2]
    assert generations([await stored(overtaken, each) for each in ids]) == [3, 3, 3]


@pytest.mark.parametrize("attempt", range(5))
async def test_session_revoked_while_others_move_on_is_ended(
    resources: Resources, sessions: AsyncCollection[Document], ids: list[ObjectId], attempt: int
) -> None:
    store, revoked = resources.auth.sessions, str(ids[1])

    *moved, _ = await asyncio.gather(
        *(store.advance_generation(str(each), generation=1, now=NOW) for each in ids), store.end(revoked, NOW)
    )

    document = await stored(sessions, ids[1])
    assert document["is_active"] is False
    assert (moved[1] is not None) is (document["generation"] == 2)
    assert [session and session.generation for session in (moved[0], moved[2])] == [2, 2]
