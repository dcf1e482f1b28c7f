"""What waits is numbered soon, for as long as the worker runs."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest
from temporalio.testing import ActivityEnvironment

from activities.journal.journal import JournalActivities, KeepNumbering
from adapters.resources import Resources
from tests.support.journal import OwnJournal
from tests.support.polling import eventually


@pytest.fixture
async def own(resources: Resources) -> AsyncIterator[OwnJournal]:
    own = OwnJournal(resources.clients.mongo, f"journal_{secrets.token_hex(4)}")
    await own.make_indexes()
    yield own
    await own.client.drop_database(own.database.name)


async def test_what_comes_while_it_looks_is_numbered(own: OwnJournal, environment: ActivityEnvironment) -> None:
    numbering = asyncio.create_task(environment.run(JournalActivities(own.numbering).number, KeepNumbering()))
    await own.record(2)
    await eventually(own.journal.find_head)
    await own.record()

    async def all_are_numbered() -> bool:
        return len(await own.entries()) == 3

    await eventually(all_are_numbered)
    environment.worker_shutdown()
    assert await numbering == 3


async def test_worker_that_stops_hands_over_at_once(own: OwnJournal, environment: ActivityEnvironment) -> None:
    numbering = asyncio.create_task(environment.run(JournalActivities(own.numbering).number, KeepNumbering()))
    await asyncio.sleep(0)

    environment.worker_shutdown()

    assert await asyncio.wait_for(numbering, timeout=5) == 0


async def test_time_is_kept(own: OwnJournal, environment: ActivityEnvironment) -> None:
    assert await environment.run(JournalActivities(own.numbering).number, KeepNumbering(seconds=0)) == 0
