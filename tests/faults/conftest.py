"""After each test every server is restored, whatever the test broke; and the check that each test ends with."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from devstack.stack import Stack
from tests.faults.outages import healthy
from tests.support.accounts import make_account
from tests.support.mailbox import Mailbox
from tests.support.people import Person, SignedIn
from tests.support.polling import eventually

Whole = Callable[[Person], Awaitable[None]]


@pytest.fixture(autouse=True)
async def well(stack: Stack, api: httpx.AsyncClient, mailbox: Mailbox) -> AsyncIterator[None]:
    """The test begins and ends with every server and process healthy."""
    await healthy(stack)
    yield
    await asyncio.to_thread(restore, stack)
    await healthy(stack)
    await mailbox.break_with("none")

    await ready_without(api, within=30)


def restore(stack: Stack) -> None:
    """Start what a test has stopped and not started again. A killed process restarts by itself."""
    state = stack.state()
    for row in state["servers"] + state["processes"]:
        if not row["wanted"]:
            stack.start(row["name"])


@pytest.fixture
async def someone(well: None, resources: Resources) -> SignedIn:
    """A user with an account and a session."""
    return await make_account(resources)


@pytest.fixture
def whole(resources: Resources, mailbox: Mailbox) -> Whole:
    """The oracle: everything that a registration promises happened, and once."""

    async def check(person: Person) -> None:
        await mailbox.letter(person.email, "welcome-message", within=60)
        (account,) = await resources.clients.database["users"].find({"email": person.email}).to_list()
        await eventually(lambda: is_synced(resources, account["_id"]), within=60)
        assert await count_nodes(resources, str(account["_id"])) == 1
        assert await resources.clients.database["sessions"].count_documents({"user_id": account["_id"]}) == 1
        assert len(await mailbox.message_ids(person.email, "welcome-message")) == 1

    return check


async def is_synced(resources: Resources, user_id: ObjectId) -> bool:
    account = await resources.clients.database["users"].find_one({"_id": user_id})
    return account is not None and "sync_open_since" not in account


async def count_nodes(resources: Resources, user_id: str) -> int:
    counted = await resources.clients.neo4j.execute_query("MATCH (u:User {user_id: $id}) RETURN count(u)", id=user_id)
    number: int = counted.records[0][0]
    return number


async def attempts_at(resources: Resources, person: Person, kind: str) -> int:
    """Return how often the newest mail of this kind to the user was attempted."""
    wanted = {"recipient_hash": resources.hashes.subject_hash(person.email), "kind": kind}
    record: dict[str, Any] | None = await resources.clients.database["mails"].find_one(wanted)
    return record["attempts"] if record else 0


async def ready_without(api: httpx.AsyncClient, *names: str, within: float = 10) -> None:
    """Return once the API reports that it is ready and that these servers are away. It checks every two seconds."""

    async def is_said() -> bool:
        response = await api.get("/health/ready")
        return response.status_code == 200 and response.json()["data"]["degraded"] == [*names]

    await eventually(is_said, within=within)
