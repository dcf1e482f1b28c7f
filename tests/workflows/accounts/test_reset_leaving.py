"""Deletions and exports that an operator resets to their first task: same outcome, and no second mail.

On the dev stack: the time-skipping server cannot reset.
"""

import httpx
from bson import ObjectId

from adapters.resources import Resources
from domain.accounts.account_deletion import DeletionStatus
from domain.flows import FlowState
from tests.support.account_deletion import deactivate, reach_deadline, wait_erased
from tests.support.accounts import make_account
from tests.support.envelope import data
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.signed_in import on_device
from tests.support.store_scan import KEEPS_IDS, find_words
from tests.workflows.operator import Operator

KINDS = ("account-deactivated", "account-deletion-reminder", "account-deleted")


async def letters(mailbox: Mailbox, someone: SignedIn) -> list[int]:
    return [len(await mailbox.letters(someone.person.email, kind)) for kind in KINDS]


async def test_erased_user_stays_erased(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, operator: Operator
) -> None:
    someone = await make_account(resources)
    flow_id = await deactivate(api, someone)
    await mailbox.letter(someone.person.email, "account-deactivated", within=60)
    await reach_deadline(resources, someone)
    await wait_erased(api, flow_id)
    tombstones = resources.clients.database["tombstones"]
    before = await tombstones.find_one({"_id": ObjectId(someone.user["_id"])})

    standing = await operator.resets_deletion(someone.user["_id"])

    assert standing is DeletionStatus.ERASED
    assert await letters(mailbox, someone) == [1, 0, 1]
    assert await tombstones.find_one({"_id": ObjectId(someone.user["_id"])}) == before
    assert await find_words(resources, someone.user["_id"]) <= KEEPS_IDS


async def test_reactivated_user_stays(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, operator: Operator
) -> None:
    someone = await make_account(resources)
    await deactivate(api, someone)
    await mailbox.letter(someone.person.email, "account-deactivated", within=60)
    credentials = {"email_or_username": someone.person.username, "password": someone.person.password}
    data(await api.patch("/users/account/reactivate", json=credentials))

    standing = await operator.resets_deletion(someone.user["_id"])

    assert standing is DeletionStatus.BACK
    assert await letters(mailbox, someone) == [1, 0, 0]
    data(await api.post("/auth/login", json=someone.person.credentials))


async def test_export_is_the_same_file(api: httpx.AsyncClient, resources: Resources, operator: Operator) -> None:
    someone = await make_account(resources)
    flow_id = data(await api.post("/users/account/export", headers=on_device(someone)), 202)["flow_id"]
    assert await operator.end_of(flow_id) is FlowState.COMPLETED

    state = await operator.resets(flow_id)

    assert state is FlowState.COMPLETED
    file = await api.get(f"/users/account/export/{flow_id}", headers=on_device(someone))
    assert file.json()["account"][0]["username"] == someone.person.username
