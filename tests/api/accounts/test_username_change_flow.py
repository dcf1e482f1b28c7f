"""The flow of a username change: one per account, accessible to its owner only, and what ends it."""

import httpx
from bson import ObjectId

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.envelope import data, details, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import forget_step_up, on_device
from tests.support.username_change import (
    INITIATE,
    ME,
    WRONG,
    change_username,
    is_free,
    new_name,
    prove,
    read_code,
    request_change,
    requested_change,
)


async def test_wrong_codes_lock_the_flow_and_free_the_name(api: httpx.AsyncClient, someone: SignedIn) -> None:
    name = new_name()
    guess = {"flow_id": await requested_change(api, someone, name), "code": WRONG}

    answers = [await prove(api, someone, guess) for _ in range(5)]

    assert [details(answer)["attempts_left"] for answer in answers] == [4, 3, 2, 1, 0]
    assert refusal(await prove(api, someone, guess)) == (429, "AttemptsExhausted")
    await eventually(lambda: is_free(api, name))


async def test_second_change_supersedes_the_first(api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn) -> None:
    first_name, second_name = new_name(), new_name()
    first = await requested_change(api, someone, first_name)
    second = await requested_change(api, someone, second_name)

    assert refusal(await prove(api, someone, await read_code(mailbox, someone, first))) == (409, "FlowClosed")
    assert data(await api.get(f"/flows/{first}"))["state"] == "cancelled"
    assert await is_free(api, first_name)
    data(await prove(api, someone, await read_code(mailbox, someone, second, number=2)))


async def test_same_name_requested_again_is_a_new_flow(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    name = new_name()
    await requested_change(api, someone, name)

    again = await requested_change(api, someone, name)

    assert data(await prove(api, someone, await read_code(mailbox, someone, again, number=2)))["username"] == name


async def test_open_change_is_pending_until_it_is_over(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    flow = data(await request_change(api, someone, new_name()), 202)
    pending = data(await api.get(ME, headers=on_device(someone)))["pending_flows"]
    data(await prove(api, someone, await read_code(mailbox, someone, flow["flow_id"])))

    assert pending == [flow]
    assert data(await api.get(ME, headers=on_device(someone)))["pending_flows"] == []


async def test_id_of_an_open_change_is_stored_encrypted(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    flow_id = await requested_change(api, someone, new_name())

    document = await resources.clients.database["users"].find_one({"_id": ObjectId(someone.user["_id"])})

    assert document
    assert document["open_changes"].keys() == {"username_change"}
    assert flow_id not in str(document)


async def test_cancelled_change_frees_the_name(api: httpx.AsyncClient, someone: SignedIn) -> None:
    name = new_name()
    flow_id = await requested_change(api, someone, name)

    answers = [data(await api.post(f"/flows/{flow_id}/cancel", headers=on_device(someone))) for _ in range(2)]

    assert [answer["state"] for answer in answers] == ["cancelled"] * 2
    await eventually(lambda: is_free(api, name))


async def test_flow_of_another_account_is_not_found(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, someone: SignedIn
) -> None:
    flow_id, other = await requested_change(api, someone, new_name()), await make_account(resources)
    proof, cancel = await read_code(mailbox, someone, flow_id), f"/flows/{flow_id}/cancel"

    refusals = [await prove(api, other, proof), await api.post(cancel, headers=on_device(other))]

    assert [refusal(each) for each in refusals] == [(404, "FlowNotFound")] * 2
    assert refusal(await api.post(cancel)) == (401, "NotAuthenticated")
    assert refusal(await api.post(cancel, headers=someone.bearer)) == (403, "DeviceNotTrusted")
    data(await prove(api, someone, proof))
    assert refusal(await prove(api, other, proof)) == (404, "FlowNotFound")


async def test_start_needs_step_up(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    await forget_step_up(resources, someone.session["_id"])
    body = {"new_username": new_name(), "current_password": someone.person.password}

    assert refusal(await request_change(api, someone, body["new_username"])) == (403, "StepUpRequired")
    data(await api.post(INITIATE, json=body, headers=on_device(someone)), 202)


async def test_repeated_start_is_one_flow(api: httpx.AsyncClient, someone: SignedIn) -> None:
    name, key = new_name(), {"Idempotency-Key": "rename-me-once"}

    first, again = [data(await request_change(api, someone, name, **key), 202) for _ in range(2)]

    assert first["flow_id"] == again["flow_id"]
    assert refusal(await request_change(api, someone, new_name(), **key)) == (409, "IdempotencyKeyReused")


async def test_same_key_of_two_users_is_two_flows(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    key, other = {"Idempotency-Key": "everybody-uses-this"}, await make_account(resources)

    flows = [data(await request_change(api, each, new_name(), **key), 202)["flow_id"] for each in (someone, other)]

    assert len(set(flows)) == 2


async def test_repeated_proof_gets_the_same_answer(api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn) -> None:
    key = {"Idempotency-Key": "prove-me-once"}
    proof = await read_code(mailbox, someone, await requested_change(api, someone, new_name()))

    first, again = [data(await prove(api, someone, proof, **key)) for _ in range(2)]

    assert first == again
    assert refusal(await prove(api, someone, proof)) == (409, "FlowClosed")


async def test_change_is_a_security_event(api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn) -> None:
    await change_username(api, mailbox, someone, new_name())

    newest = data(await api.get("/auth/security-events", headers=on_device(someone)))["events"][0]

    assert (newest["kind"], newest["severity"], newest["device"]) == (
        "username_changed",
        "medium",
        "Firefox 145, Linux",
    )
