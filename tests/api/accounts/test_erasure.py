"""Erasure of an account: afterwards a search of every store finds the tombstone and nothing else."""

from datetime import UTC, date, datetime

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from domain.social.interests import Interest
from tests.support.account_deletion import deactivate, reach_deadline, wait_deactivated, wait_erased
from tests.support.accounts import make_account
from tests.support.email_change import EmailChanger
from tests.support.envelope import data, refusal
from tests.support.follower_snapshots import keep_day
from tests.support.graph import graph_user, graph_users
from tests.support.mailbox import Mailbox
from tests.support.notifications import store_and_push
from tests.support.people import SignedIn, begin, new_person
from tests.support.relationships import EPOCH_OF_TESTS, make_block, make_follow
from tests.support.signed_in import new_device, on_device, with_second_factor
from tests.support.store_scan import KEEPS_IDS, find_words
from tests.support.sweep import SWEPT_SECONDS, trigger_sweep
from tests.support.username_change import change_username, is_free, new_name


@pytest.fixture
async def everywhere(api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources) -> SignedIn:
    """A user with something in every store: second factor, devices, mails, wallet, edges, a cached profile."""
    someone, authenticator = await with_second_factor(api, resources)
    data(await api.post("/auth/step-up", json={"otp": await authenticator.next_otp()}, headers=on_device(someone)))
    user_id = someone.user["_id"]
    flow_id = data(await api.post("/auth/login", json=new_device(someone.person)), 202)["flow_id"]
    await mailbox.code(someone.person.email, "fingerprint-verify")
    data(await api.post(f"/flows/{flow_id}/cancel"))
    data(await api.post("/users/account/export", headers=on_device(someone)), 202)
    data(await api.post("/auth/sso/create", json={"app": "desk"}, headers=on_device(someone)), 201)
    data(await api.post("/notifications/ticket", headers=on_device(someone)), 201)
    await store_and_push(resources, user_id, 3)
    other = await make_account(resources)
    await in_every_relation(resources, someone, other)
    data(await api.get("/relationship/suggest", headers=someone.bearer))
    await _keep_days(resources, user_id, other.user["_id"])
    await resources.clients.database["wallets"].insert_one({"user_id": ObjectId(user_id), "address": "0xabc" + user_id})
    await resources.clients.redis.set(f"user:{user_id}", someone.person.username)
    await resources.clients.redis.zadd(f"user_sockets:{user_id}", {"a-socket": datetime.now(UTC).timestamp()})
    return someone


async def in_every_relation(resources: Resources, someone: SignedIn, other: SignedIn) -> None:
    """Create edges of each kind, in both directions."""
    third = await make_account(resources)
    for pair in ((someone, other), (other, someone)):
        await make_follow(resources, *pair)
        ends = await graph_users(resources, *pair)
        await resources.social.suggestions.dismiss(*ends, now=EPOCH_OF_TESTS, until=EPOCH_OF_TESTS)
    for pair in ((someone, third), (third, someone)):
        await make_block(resources, *pair)
    await resources.social.interests.add(await graph_user(resources, someone), [Interest.AI], EPOCH_OF_TESTS)


async def _keep_days(resources: Resources, user_id: str, other_id: str) -> None:
    """Store follower snapshots of the two accounts, each with the other in its lists."""
    for one, follower in ((user_id, other_id), (other_id, user_id)):
        await keep_day(resources, one, date(2026, 3, 1), number=1, full=[follower])
        await keep_day(resources, one, date(2026, 3, 2), left=[follower])
        await keep_day(resources, one, date(2026, 3, 3), number=1, came=[follower], full=[follower])


@pytest.mark.defect(70)
async def test_erasure_leaves_only_the_tombstone_in_every_store(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, everywhere: SignedIn
) -> None:
    person, user_id = everywhere.person, everywhere.user["_id"]
    flow_id = await deactivate(api, everywhere)
    await mailbox.letter(person.email, "account-deactivated", within=60)

    await reach_deadline(resources, everywhere)
    await wait_erased(api, flow_id)

    assert await find_words(resources, user_id) <= KEEPS_IDS
    assert (
        await find_words(resources, person.username, person.email, resources.hashes.subject_hash(person.email)) == set()
    )


async def test_erasure_removes_former_name_and_address(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, someone: SignedIn
) -> None:
    person, user_id, mover = someone.person, someone.user["_id"], EmailChanger(api, mailbox, someone)
    await change_username(api, mailbox, someone, new_name())
    await mover.changes_email(new_person().email)
    flow_id = await deactivate(api, someone)
    await mailbox.letter(mover.address, "account-deactivated", within=60)

    await reach_deadline(resources, someone)
    await wait_erased(api, flow_id)

    assert await find_words(resources, user_id) <= KEEPS_IDS
    assert await find_words(resources, person.username, person.email, mover.address) == set()
    assert not await is_free(api, person.username)
    await begin(api, new_person(email=person.email))
    assert await mailbox.code(person.email, "create-account")


async def test_erasure_sends_a_last_mail_and_no_reminder(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, someone: SignedIn
) -> None:
    flow_id = await deactivate(api, someone)

    await reach_deadline(resources, someone)
    await wait_erased(api, flow_id)

    await mailbox.letter(someone.person.email, "account-deleted", within=60)
    assert await mailbox.letters(someone.person.email, "account-deletion-reminder") == []


async def test_erased_account_is_answered_like_an_unknown_one(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    flow_id = await deactivate(api, someone)
    await reach_deadline(resources, someone)
    await wait_erased(api, flow_id)
    credentials = {"email_or_username": someone.person.username, "password": someone.person.password}

    login = await api.post("/auth/login", json=someone.person.credentials)
    back = await api.patch("/users/account/reactivate", json=credentials)
    token = {"session_token": someone.session["session_token"]}
    refreshed = await api.post("/auth/session/refresh", json=token)
    me = await api.get("/users/profile/me", headers=someone.bearer)
    forgotten = await api.post("/auth/password/forgot/initiate", json={"email_or_username": someone.person.email})

    assert refusal(login) == refusal(back) == (401, "InvalidCredentials")
    assert refusal(refreshed) == (401, "SessionInvalid")
    assert refusal(me) == (401, "NotAuthenticated")
    assert forgotten.status_code == 202


async def test_erasure_keeps_the_name_taken_and_frees_the_address(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, someone: SignedIn
) -> None:
    flow_id = await deactivate(api, someone)
    await reach_deadline(resources, someone)
    await wait_erased(api, flow_id)

    name = new_person(username=someone.person.username).application
    taken = await api.post("/auth/register/email-verification", json=name)
    await begin(api, new_person(email=someone.person.email))

    assert refusal(taken) == (409, "UsernameTaken")
    assert await mailbox.code(someone.person.email, "create-account")


async def test_terminated_deletion_is_finished_by_the_sweep(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    """The flow is terminated before its deadline."""
    flow_id = await deactivate(api, someone)
    workflow_id = f"account-deletion/{resources.hashes.workflow_key(someone.user['_id'])}"
    await wait_deactivated(resources, someone)
    await resources.temporal.get_workflow_handle(workflow_id).terminate()
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    over = {"$set": {"deletion_at": datetime.now(UTC), "deletion_open_since": long_ago}}
    await resources.clients.database["users"].update_one({"_id": ObjectId(someone.user["_id"])}, over)

    await trigger_sweep(resources)
    await wait_erased(api, flow_id, within=SWEPT_SECONDS)
