"""Another username: who gets it, what bears it then, and what becomes of the old one."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from tests.access import forget_step_up, on_device
from tests.accounts import make_account
from tests.api.conftest import ChangeUser
from tests.envelope import Json, data, details, refusal
from tests.mailbox import Mailbox
from tests.people import SignedIn, begin, new_person
from tests.waiting import eventually

INITIATE = "/users/username/change/initiate"
VERIFY = "/users/username/change/verify-email"
ME = "/users/profile/me"
FREE = "/users/search/existing-username"
WRONG = "WRQNG2"
TAKEN = (409, "UsernameTaken")


def new_name() -> str:
    return new_person().username


async def ask(api: httpx.AsyncClient, someone: SignedIn, name: str, **headers: str) -> httpx.Response:
    return await api.post(INITIATE, json={"new_username": name}, headers=on_device(someone) | headers)


async def asked(api: httpx.AsyncClient, someone: SignedIn, name: str) -> str:
    return str(data(await ask(api, someone, name), 202)["flow_id"])


async def proof_of(mailbox: Mailbox, someone: SignedIn, flow_id: str, *, number: int = 1) -> Json:
    code = await mailbox.code(someone.person.email, "username-change-verify", number=number)
    return {"flow_id": flow_id, "code": code}


async def prove(api: httpx.AsyncClient, someone: SignedIn, proof: Json, **headers: str) -> httpx.Response:
    return await api.post(VERIFY, json=proof, headers=on_device(someone) | headers)


async def renamed(api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn, name: str, *, number: int = 1) -> Json:
    """The profile, once the name is another."""
    proof = await proof_of(mailbox, someone, await asked(api, someone, name), number=number)
    profile: Json = data(await prove(api, someone, proof))
    return profile


async def is_free(api: httpx.AsyncClient, name: str) -> bool:
    return bool(data(await api.get(FREE, params={"username": name}))["available"])


async def a_month_passes(change_user: ChangeUser, someone: SignedIn) -> None:
    """As if the last change were thirty days ago."""
    long_ago = datetime.now(UTC) - timedelta(days=30, seconds=1)
    await change_user(someone.user["_id"], {"last_username_change": long_ago})


async def test_start_waits_for_the_code_in_the_mail(api: httpx.AsyncClient, someone: SignedIn) -> None:
    flow = data(await ask(api, someone, new_name()), 202)

    assert (flow["kind"], flow["state"], flow["next"]) == ("username_change", "waiting", "email_code")
    assert (flow["attempts_left"], flow["resend_available_at"]) == (5, None)


async def test_right_code_makes_the_name_count_everywhere(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, someone: SignedIn
) -> None:
    name = new_name()

    profile = await renamed(api, mailbox, someone, name)

    assert (profile["_id"], profile["username"]) == (someone.user["_id"], name)
    assert data(await api.get("/auth/user/current", headers=on_device(someone)))["username"] == name
    token = {"session_token": someone.session["session_token"]}
    refreshed = data(await api.post("/auth/session/refresh", json=token))
    claims = data(await api.post("/auth/session/validate-access", json={"access_token": refreshed["access_token"]}))
    assert claims["username"] == name
    credentials = {**someone.person.credentials, "email_or_username": name}
    assert data(await api.post("/auth/login", json=credentials))["user_id"] == someone.user["_id"]
    await eventually(lambda: is_in_graph(resources, someone, name))


async def is_in_graph(resources: Resources, someone: SignedIn, name: str) -> bool:
    found = await resources.clients.neo4j.execute_query(
        "MATCH (u:User {user_id: $id}) RETURN u.username AS name", id=someone.user["_id"]
    )
    return [row["name"] for row in found.records] == [name]


async def test_name_that_is_held_is_nobody_elses(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    name, other = new_name(), await make_account(resources)
    await asked(api, someone, name)

    assert refusal(await ask(api, other, name.upper())) == TAKEN
    assert not await is_free(api, name)
    stranger = await api.post("/auth/register/email-verification", json=new_person(username=name).application)
    assert refusal(stranger) == TAKEN


@pytest.mark.parametrize("name", ["admin", "ROOT"])
async def test_reserved_name_is_taken(api: httpx.AsyncClient, someone: SignedIn, name: str) -> None:
    assert refusal(await ask(api, someone, name)) == TAKEN


async def test_name_of_somebody_is_taken(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    other = await make_account(resources)

    assert refusal(await ask(api, someone, other.person.username.upper())) == TAKEN


async def test_name_of_an_open_registration_is_taken(api: httpx.AsyncClient, someone: SignedIn) -> None:
    newcomer = new_person()
    await begin(api, newcomer)

    assert refusal(await ask(api, someone, newcomer.username)) == TAKEN


async def test_own_name_is_taken_but_not_its_other_letter_cases(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    louder = someone.person.username.upper()

    assert refusal(await ask(api, someone, someone.person.username)) == TAKEN
    assert (await renamed(api, mailbox, someone, louder))["username"] == louder


async def test_old_name_is_kept_from_others(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, someone: SignedIn
) -> None:
    await renamed(api, mailbox, someone, new_name())

    other = await make_account(resources)
    assert refusal(await ask(api, other, someone.person.username)) == TAKEN
    assert not await is_free(api, someone.person.username)


async def test_old_name_is_kept_for_ninety_days(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, someone: SignedIn
) -> None:
    await renamed(api, mailbox, someone, new_name())

    key = resources.hashes.username_hold(someone.person.username)
    hold = await resources.clients.database["holds"].find_one({"key": key})
    assert hold
    assert abs(hold["until"] - datetime.now(UTC) - timedelta(days=90)) < timedelta(minutes=1)


async def test_owner_may_take_the_old_name_back(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn, change_user: ChangeUser
) -> None:
    name = new_name()
    await renamed(api, mailbox, someone, name)
    await a_month_passes(change_user, someone)

    back = await renamed(api, mailbox, someone, someone.person.username, number=2)

    assert back["username"] == someone.person.username
    assert not await is_free(api, name)


async def test_going_back_that_comes_to_nothing_leaves_the_quarantine(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn, change_user: ChangeUser
) -> None:
    await renamed(api, mailbox, someone, new_name())
    await a_month_passes(change_user, someone)
    flow_id = await asked(api, someone, someone.person.username)

    data(await api.post(f"/flows/{flow_id}/cancel", headers=on_device(someone)))

    assert not await is_free(api, someone.person.username)


async def test_second_change_within_thirty_days_is_refused(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    await renamed(api, mailbox, someone, new_name())

    assert refusal(await ask(api, someone, new_name())) == (409, "UsernameCooldown")


async def test_cooldown_is_checked_again_at_the_swap(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn, change_user: ChangeUser
) -> None:
    flow_id = await asked(api, someone, new_name())
    await change_user(someone.user["_id"], {"last_username_change": datetime.now(UTC) - timedelta(days=29)})

    response = await prove(api, someone, await proof_of(mailbox, someone, flow_id))

    assert refusal(response) == (409, "UsernameCooldown")
    assert data(await api.get(ME, headers=on_device(someone)))["username"] == someone.person.username


async def test_of_two_who_want_a_name_one_gets_it(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    name, other = new_name(), await make_account(resources)

    answers = await asyncio.gather(*(ask(api, each, name) for each in (someone, other)))

    assert sorted(answer.status_code for answer in answers) == [202, 409]


async def test_wrong_codes_lock_the_flow_and_free_the_name(api: httpx.AsyncClient, someone: SignedIn) -> None:
    name = new_name()
    guess = {"flow_id": await asked(api, someone, name), "code": WRONG}

    answers = [await prove(api, someone, guess) for _ in range(5)]

    assert [details(answer)["attempts_left"] for answer in answers] == [4, 3, 2, 1, 0]
    assert refusal(await prove(api, someone, guess)) == (429, "AttemptsExhausted")
    await eventually(lambda: is_free(api, name))


async def test_second_change_supersedes_the_first(api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn) -> None:
    first_name, second_name = new_name(), new_name()
    first = await asked(api, someone, first_name)
    second = await asked(api, someone, second_name)

    assert refusal(await prove(api, someone, await proof_of(mailbox, someone, first))) == (409, "FlowClosed")
    assert data(await api.get(f"/flows/{first}"))["state"] == "cancelled"
    assert await is_free(api, first_name)
    data(await prove(api, someone, await proof_of(mailbox, someone, second, number=2)))


async def test_same_name_asked_for_again_is_a_new_flow(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    name = new_name()
    await asked(api, someone, name)

    again = await asked(api, someone, name)

    assert data(await prove(api, someone, await proof_of(mailbox, someone, again, number=2)))["username"] == name


async def test_open_change_is_pending_until_it_is_over(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    flow = data(await ask(api, someone, new_name()), 202)
    pending = data(await api.get(ME, headers=on_device(someone)))["pending_flows"]
    data(await prove(api, someone, await proof_of(mailbox, someone, flow["flow_id"])))

    assert pending == [flow]
    assert data(await api.get(ME, headers=on_device(someone)))["pending_flows"] == []


async def test_id_of_an_open_change_is_sealed_at_rest(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    flow_id = await asked(api, someone, new_name())

    document = await resources.clients.database["users"].find_one({"_id": ObjectId(someone.user["_id"])})

    assert document
    assert document["open_changes"].keys() == {"username_change"}
    assert flow_id not in str(document)


async def test_cancelled_change_frees_the_name(api: httpx.AsyncClient, someone: SignedIn) -> None:
    name = new_name()
    flow_id = await asked(api, someone, name)

    answers = [data(await api.post(f"/flows/{flow_id}/cancel", headers=on_device(someone))) for _ in range(2)]

    assert [answer["state"] for answer in answers] == ["cancelled"] * 2
    await eventually(lambda: is_free(api, name))


async def test_flow_obeys_its_owner_alone(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, someone: SignedIn
) -> None:
    flow_id, other = await asked(api, someone, new_name()), await make_account(resources)
    proof, cancel = await proof_of(mailbox, someone, flow_id), f"/flows/{flow_id}/cancel"

    refusals = [await prove(api, other, proof), await api.post(cancel, headers=on_device(other))]

    assert [refusal(each) for each in refusals] == [(404, "FlowNotFound")] * 2
    assert refusal(await api.post(cancel)) == (401, "NotAuthenticated")
    assert refusal(await api.post(cancel, headers=someone.bearer)) == (403, "DeviceNotTrusted")
    data(await prove(api, someone, proof))
    assert refusal(await prove(api, other, proof)) == (404, "FlowNotFound")


async def test_start_needs_a_fresh_proof(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    await forget_step_up(resources, someone.session["_id"])
    body = {"new_username": new_name(), "current_password": someone.person.password}

    assert refusal(await ask(api, someone, body["new_username"])) == (403, "StepUpRequired")
    data(await api.post(INITIATE, json=body, headers=on_device(someone)), 202)


async def test_repeated_start_is_one_flow(api: httpx.AsyncClient, someone: SignedIn) -> None:
    name, key = new_name(), {"Idempotency-Key": "rename-me-once"}

    first, again = [data(await ask(api, someone, name, **key), 202) for _ in range(2)]

    assert first["flow_id"] == again["flow_id"]
    assert refusal(await ask(api, someone, new_name(), **key)) == (409, "IdempotencyKeyReused")


async def test_key_of_one_person_is_not_anothers(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    key, other = {"Idempotency-Key": "everybody-uses-this"}, await make_account(resources)

    flows = [data(await ask(api, each, new_name(), **key), 202)["flow_id"] for each in (someone, other)]

    assert len(set(flows)) == 2


async def test_repeated_proof_hears_the_same_answer(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    key = {"Idempotency-Key": "prove-me-once"}
    proof = await proof_of(mailbox, someone, await asked(api, someone, new_name()))

    first, again = [data(await prove(api, someone, proof, **key)) for _ in range(2)]

    assert first == again
    assert refusal(await prove(api, someone, proof)) == (409, "FlowClosed")


async def test_change_is_a_security_event(api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn) -> None:
    await renamed(api, mailbox, someone, new_name())

    newest = data(await api.get("/auth/security-events", headers=on_device(someone)))["events"][0]

    assert (newest["kind"], newest["severity"], newest["device"]) == (
        "username_changed",
        "medium",
        "Firefox 145, Linux",
    )
