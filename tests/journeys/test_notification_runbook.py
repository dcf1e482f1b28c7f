"""The commands of runbooks/notifications-late.md, run as written, for a user with a pending notification."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from devstack.stack import Stack
from tests.support.accounts import make_account
from tests.support.envelope import data
from tests.support.markdown_blocks import bash_blocks, run_bash
from tests.support.notifications import store_and_push
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.sweep import trigger_sweep
from workflows.notifications.notifications import notifications_workflow_id

SHARD = "event-notifications/0"
PAGE = bash_blocks("runbooks/notifications-late.md")

Run = Callable[..., Awaitable[str]]


@pytest.fixture
def run(stack: Stack) -> Run:
    """Runs one block after the set-up of the page."""

    async def run(name: str, **variables: str) -> str:
        return await run_bash(PAGE["set-up"] + PAGE[name], {"DECODE_RUN": str(stack.folder.root), **variables})

    return run


@pytest.fixture
async def owed(resources: Resources) -> SignedIn:
    """A user with one notification and one pending follow that is too new for the sweep."""
    someone = await make_account(resources)
    await store_and_push(resources, someone.user["_id"])
    later = datetime.now(UTC) + timedelta(hours=1)
    owes = {"$set": {"kind": "password_changed", "notification_open_since": later}}
    mine = {"user_id": ObjectId(someone.user["_id"])}
    await resources.clients.database["security_events"].update_one(mine, owes)
    return someone


async def test_pending_follow_is_found_read_and_stored(
    run: Run, api: httpx.AsyncClient, resources: Resources, owed: SignedIn
) -> None:
    name = owed.person.username
    workflow_id = notifications_workflow_id(resources.hashes.workflow_key(owed.user["_id"]))

    async def is_stored() -> bool:
        return bool(data(await api.get("/notifications", headers=owed.bearer))["meta"]["total"] == 2)

    assert '"status":"ok"' in await run("ready")
    assert "worker." in await run("pollers")
    assert int((await run("owed")).split()[2].rstrip(",")) >= 1
    before = (await run("person", NAME=name)).splitlines()
    woken = await run("wake", NAME=name)
    await eventually(is_stored)
    after = (await run("person", NAME=name)).splitlines()
    shards = await run("shards")
    described = await run("describe", WORKFLOW_ID=SHARD)

    assert before == [
        "last number 1, unread 1, undelivered 1",
        "owed: 1 events, 0 follows; online: False",
        workflow_id,
    ]
    assert woken == "woken\n"
    assert after[:2] == ["last number 2, unread 2, undelivered 2", "owed: 0 events, 0 follows; online: False"]
    assert SHARD in shards
    assert "IntentDrain" in described
    assert "terminated" in (await run("terminate", WORKFLOW_ID=SHARD)).lower()


async def test_user_whose_inbox_refuses_is_set_aside_and_found_by_an_id(
    run: Run, resources: Resources, owed: SignedIn
) -> None:
    name, user_id = owed.person.username, owed.user["_id"]
    workflow_id = notifications_workflow_id(resources.hashes.workflow_key(user_id))
    mine = {"user_id": ObjectId(user_id)}
    await resources.clients.database["inboxes"].update_one(mine, {"$set": {"last_seq": 0}})

    async def is_set_aside() -> bool:
        return f"{name} {workflow_id}" in await run("aside")

    # Between two runs that fail, the next may have begun.
    async def is_described_as_failed() -> bool:
        return "FAILED" in await run("describe", WORKFLOW_ID=workflow_id)

    await run("wake", NAME=name)
    await eventually(is_set_aside)
    await trigger_sweep(resources)
    await eventually(is_described_as_failed)

    await resources.clients.database["inboxes"].update_one(mine, {"$set": {"last_seq": 1}})
    await trigger_sweep(resources)
    await eventually(lambda: is_told(resources, owed))


async def is_told(resources: Resources, someone: SignedIn) -> bool:
    return await resources.notifications.inboxes.find_last_seqs([someone.user["_id"]]) == {someone.user["_id"]: 2}
