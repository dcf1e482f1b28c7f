"""The journal through outages: no gap, no number twice, oldest first; and sign-ins never wait for it."""

import signal
from datetime import UTC, datetime, timedelta

import httpx
from bson import ObjectId
from temporalio.client import WorkflowExecutionStatus

from adapters.resources import Resources
from devstack.stack import Stack
from domain.journal.chain import Link
from domain.journal.entries import Entry, is_next
from domain.journal.occurrences import OccurrenceType
from tests.faults.outages import away, frozen, send_signal
from tests.support.accounts import make_account
from tests.support.envelope import data
from tests.support.journal import occurrence
from tests.support.polling import eventually
from tests.support.sweep import trigger_sweep
from workflows.journal.journal import WORKFLOW_ID

RECOVERY_SECONDS = 60
"""A dead worker's transaction holds its locks for 10 s, its activity is missed after 5 s, then a worker starts."""


async def head(resources: Resources) -> Link:
    """Return the newest entry's place once there is one."""
    return (await eventually(resources.journal.journal.find_head)).link


async def record(resources: Resources, count: int, *, ago: timedelta = timedelta(0)) -> list[str]:
    """Let so many occurrences wait. Returns their ids, oldest first."""
    new = [occurrence(at=datetime.now(UTC) - ago) for _ in range(count)]
    for each in new:
        await resources.journal.occurrences.record(each)
    return [each.occurrence_id for each in new]


async def entries_since(resources: Resources, link: Link, ids: list[str]) -> list[Entry]:
    """Return all entries after the link, once those of these occurrences are among them."""

    async def found() -> list[Entry] | None:
        entries = [*await resources.journal.journal.list_after(link.seq, limit=10_000)]
        return entries if {*ids} <= {entry.occurrence_id for entry in entries} else None

    return await eventually(found, within=RECOVERY_SECONDS)


def is_whole(entries: list[Entry], link: Link) -> bool:
    return all(
        is_next(entry, before) for entry, before in zip(entries, [link, *(e.link for e in entries)], strict=False)
    )


def numbered(entries: list[Entry], ids: list[str]) -> list[str]:
    """Return those of the ids that have a number, in the order of their numbers, as often as they have one."""
    return [entry.occurrence_id for entry in entries if entry.occurrence_id in ids]


async def aborted(resources: Resources) -> int:
    """Return how many transactions the server has ended without a commit."""
    status = await resources.clients.mongo.admin.command("serverStatus")
    return int(status["transactions"]["totalAborted"])


async def test_worker_killed_in_the_middle_of_numbering_leaves_no_gap_and_no_number_twice(
    stack: Stack, resources: Resources
) -> None:
    """It has moved the head and written the entries, and cannot delete the last occurrence, which is locked."""
    before = await head(resources)
    async with resources.clients.mongo.start_session() as lock, await lock.start_transaction():
        with frozen(stack, "worker"):
            ids = await record(resources, 3)
            last = {"_id": ObjectId(ids[-1])}
            await resources.clients.database["occurrences"].update_one(last, {"$set": {"cause": "x"}}, session=lock)
            tries = await aborted(resources)

        async def is_in_the_middle() -> bool:
            return await aborted(resources) > tries

        await eventually(is_in_the_middle)
        send_signal(stack, "worker", signal.SIGKILL)

    entries = await entries_since(resources, before, ids)
    assert numbered(entries, ids) == ids
    assert is_whole(entries, before)


async def test_sign_ins_go_on_without_a_worker_and_are_numbered_later(
    stack: Stack, api: httpx.AsyncClient, resources: Resources
) -> None:
    someone, before = await make_account(resources), await head(resources)
    async with away(stack, "worker"):
        sessions = [data(await api.post("/auth/login", json=someone.person.credentials)) for _ in range(3)]
        logins = {"type": OccurrenceType.USER_LOGIN, "subject.id": someone.user["_id"]}
        found = resources.clients.database["occurrences"].find(logins, sort=[("at", 1), ("_id", 1)])
        waiting = [str(each["_id"]) async for each in found]

    entries = await entries_since(resources, before, waiting)
    assert len(sessions) == len(waiting) == 3
    assert numbered(entries, waiting) == waiting
    assert is_whole(entries, before)


async def test_numbering_goes_on_when_the_store_is_back(stack: Stack, resources: Resources) -> None:
    before = await head(resources)
    ids = await record(resources, 2)
    async with away(stack, "mongodb"):
        pass
    ids += await record(resources, 2)

    entries = await entries_since(resources, before, ids)
    assert numbered(entries, ids) == ids
    assert is_whole(entries, before)


async def test_terminated_entity_is_started_again_by_the_sweep(resources: Resources) -> None:
    entity, before = resources.temporal.get_workflow_handle(WORKFLOW_ID), await head(resources)
    await entity.terminate("by a test")
    ids: list[str] = []

    async def is_running_again() -> bool:
        """Its last activity goes on until it hears of the end."""
        ids.extend(await record(resources, 1, ago=timedelta(seconds=20)))
        await trigger_sweep(resources)
        return (await entity.describe()).status is WorkflowExecutionStatus.RUNNING

    await eventually(is_running_again, within=RECOVERY_SECONDS)

    assert {*numbered(await entries_since(resources, before, ids), ids)} == {*ids}
