"""One kill -9 of the worker in the middle of an erasure and of an export: both go on where they were cut.

Neo4j is silent when it happens, so that both are known to be at it.
"""

import asyncio
import signal

import httpx

from adapters.resources import Resources
from devstack.stack import Stack
from tests.faults.outages import frozen, healthy, send_signal
from tests.support.account_deletion import deactivate, reach_deadline, wait_deactivated, wait_erased
from tests.support.accounts import make_account
from tests.support.envelope import data
from tests.support.mailbox import Mailbox
from tests.support.polling import eventually
from tests.support.signed_in import on_device
from tests.support.store_scan import KEEPS_IDS, find_words


async def test_erasure_and_export_go_on_where_they_were_cut(
    stack: Stack, api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    leaver, curious = await make_account(resources), await make_account(resources)
    deletion = await deactivate(api, leaver)
    await wait_deactivated(resources, leaver)

    with frozen(stack, "neo4j"):
        await reach_deadline(resources, leaver)
        export = data(await api.post("/users/account/export", headers=on_device(curious)), 202)["flow_id"]
        await eventually(lambda: is_at_the_graph(resources, deletion, export), within=60)
        send_signal(stack, "worker", signal.SIGKILL)
    await healthy(stack)

    file = f"/users/account/export/{export}"

    async def is_gathered() -> bool:
        return (await api.get(file, headers=on_device(curious))).status_code == 200

    await asyncio.gather(wait_erased(api, deletion, within=60), eventually(is_gathered, within=60))
    gathered = (await api.get(file, headers=on_device(curious))).json()
    assert gathered["account"][0]["username"] == curious.person.username
    assert await find_words(resources, leaver.user["_id"]) <= KEEPS_IDS
    assert len(await mailbox.message_ids(leaver.person.email, "account-deleted")) == 1


async def is_at_the_graph(resources: Resources, deletion: str, export: str) -> bool:
    """Whether all that comes before the graph is done, in both."""
    database = resources.clients.database
    tombstone = await database["tombstones"].find_one({"deletion_key": resources.hashes.workflow_key(deletion)})
    chunks = await database["exports"].count_documents({"flow_key": resources.hashes.workflow_key(export)})
    return tombstone is not None and "tickets" in tombstone["erased"] and chunks > 7
