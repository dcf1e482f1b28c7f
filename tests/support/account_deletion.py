"""Accounts that are erased: a test sets when the thirty days end."""

from datetime import UTC, datetime

import httpx
from bson import ObjectId

from adapters.resources import Resources
from tests.support.envelope import Json, data
from tests.support.flows import state_of
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import on_device
from workflows.accounts.account_deletion import AccountDeletion, account_deletion_workflow_id

DEACTIVATE = "/users/account/deactivate"
REACTIVATE = "/users/account/reactivate"


def credentials(someone: SignedIn, **more: str) -> Json:
    return {"email_or_username": someone.person.username, "password": someone.person.password, **more}


async def deactivate(api: httpx.AsyncClient, someone: SignedIn) -> str:
    """Deactivate the account. Returns the deletion's flow id."""
    return str(data(await api.patch(DEACTIVATE, headers=on_device(someone)))["flow_id"])


async def wait_deactivated(resources: Resources, someone: SignedIn) -> None:
    """Return once the flow has hidden the account."""

    async def is_done() -> bool:
        account = await resources.clients.database["users"].find_one({"_id": ObjectId(someone.user["_id"])})
        return account is not None and "deletion_open_since" not in account

    await eventually(is_done, within=60)


async def reach_deadline(resources: Resources, someone: SignedIn) -> None:
    """As if thirty days had passed: the account's time has come, and its flow is woken."""
    over = {"$set": {"deletion_at": datetime.now(UTC)}}
    await resources.clients.database["users"].update_one({"_id": ObjectId(someone.user["_id"])}, over)
    workflow_id = account_deletion_workflow_id(resources.hashes.workflow_key(someone.user["_id"]))
    await resources.temporal.get_workflow_handle(workflow_id).signal(AccountDeletion.account_changed)


async def wait_erased(api: httpx.AsyncClient, flow_id: str, *, within: float = 60) -> None:
    """Return once the deletion has completed."""

    async def has_completed() -> bool:
        return await state_of(api, flow_id) == "completed"

    await eventually(has_completed, within=within)
