"""Deactivation and reactivation over HTTP: hidden at once, restored as it was, and only by its owner."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from tests.support.account_deletion import DEACTIVATE, REACTIVATE, credentials
from tests.support.envelope import Json, data, refusal
from tests.support.flows import state_of
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import forget_step_up, new_device, on_device, with_second_factor

ME = "/users/profile/me"


async def leave(api: httpx.AsyncClient, someone: SignedIn) -> Json:
    left: Json = data(await api.patch(DEACTIVATE, headers=on_device(someone)))
    return left


async def document(resources: Resources, someone: SignedIn) -> Json:
    found = await resources.clients.database["users"].find_one({"_id": ObjectId(someone.user["_id"])})
    assert found is not None
    return found


async def node(resources: Resources, someone: SignedIn) -> Json | None:
    records = (
        await resources.clients.neo4j.execute_query(
            "MATCH (u:User {user_id: $id}) RETURN properties(u) AS node", id=someone.user["_id"]
        )
    ).records
    return records[0]["node"] if records else None


async def is_shown(resources: Resources, someone: SignedIn, *, active: bool) -> None:
    """Return once `is_active` of the account's node has this value, within 60 seconds."""

    async def looks_so() -> bool:
        found = await node(resources, someone)
        return found is not None and found["is_active"] is active

    await eventually(looks_so, within=60)


async def test_deactivation_returns_the_deletion_date(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    before = datetime.now(UTC)

    left = await leave(api, someone)

    deletion_at = datetime.fromisoformat(left["deletion_at"])
    assert timedelta(days=30) <= deletion_at - before + timedelta(seconds=1) < timedelta(days=30, minutes=1)
    letter = await mailbox.letter(someone.person.email, "account-deactivated", within=60)
    assert f"{deletion_at:%d %B %Y}" in letter["text"]


@pytest.mark.defect(70)
async def test_deactivation_ends_every_session(api: httpx.AsyncClient, someone: SignedIn) -> None:
    other = data(await api.post("/auth/login", json=someone.person.credentials))

    await leave(api, someone)

    token = {"session_token": other["session_token"]}
    assert refusal(await api.get(ME, headers=someone.bearer)) == (401, "SessionRevoked")
    assert refusal(await api.get(ME, headers=on_device(someone, other))) == (401, "SessionRevoked")
    assert refusal(await api.post("/auth/session/refresh", json=token)) == (401, "SessionRevoked")


async def test_deactivation_hides_the_user_in_the_graph(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await leave(api, someone)

    await is_shown(resources, someone, active=False)


async def test_deactivation_is_stored_with_its_event_and_its_intents(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    before = await document(resources, someone)

    await leave(api, someone)

    after = await document(resources, someone)
    assert after["is_active"] is False
    assert after["deletion_at"] - after["deactivated_at"] == timedelta(days=30)
    assert after["session_epoch"] == before["session_epoch"] + 1
    assert after["profile_version"] == before["profile_version"] + 1
    events = resources.clients.database["security_events"]
    assert await events.count_documents({"user_id": after["_id"], "kind": "account_deactivated"}) == 1


async def test_deactivation_without_step_up_is_refused(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await forget_step_up(resources, someone.session["_id"])

    without = await api.patch(DEACTIVATE, headers=on_device(someone))
    wrong = await api.patch(DEACTIVATE, json={"current_password": "not the one"}, headers=on_device(someone))
    right = {"current_password": someone.person.password}

    assert refusal(without) == (403, "StepUpRequired")
    assert refusal(wrong) == (401, "InvalidCredentials")
    data(await api.patch(DEACTIVATE, json=right, headers=on_device(someone)))


async def test_concurrent_deactivations_succeed_once(api: httpx.AsyncClient, someone: SignedIn) -> None:
    answers = await asyncio.gather(*(api.patch(DEACTIVATE, headers=on_device(someone)) for _ in range(2)))

    assert sorted(answer.status_code for answer in answers) == [200, 401]


async def test_login_to_a_deactivated_account_says_so_after_the_right_password_only(
    api: httpx.AsyncClient, someone: SignedIn
) -> None:
    await leave(api, someone)

    right = await api.post("/auth/login", json=someone.person.credentials)
    wrong = await api.post("/auth/login", json={**someone.person.credentials, "password": "not the one"})

    assert refusal(right) == (403, "AccountDeactivated")
    assert refusal(wrong) == (401, "InvalidCredentials")


async def test_sign_in_started_before_the_deactivation_opens_no_session(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    flow_id = data(await api.post("/auth/login", json=new_device(someone.person)), 202)["flow_id"]
    code = await mailbox.code(someone.person.email, "fingerprint-verify")
    await leave(api, someone)

    proved = await api.post("/auth/login/fingerprint/email-verification", json={"flow_id": flow_id, "code": code})

    assert refusal(proved) == (409, "FlowClosed")


async def test_username_of_a_deactivated_account_stays_taken(api: httpx.AsyncClient, someone: SignedIn) -> None:
    await leave(api, someone)

    name = await api.get("/users/search/existing-username", params={"username": someone.person.username})

    assert data(name)["available"] is False


async def test_password_of_a_deactivated_account_can_be_reset(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    await leave(api, someone)
    ask = {"email_or_username": someone.person.email}
    flow_id = data(await api.post("/auth/password/forgot/initiate", json=ask), 202)["flow_id"]
    proof = {"flow_id": flow_id, "code": await mailbox.code(someone.person.email, "forgot-password-verify")}
    data(await api.post("/auth/password/forgot/verify-email", json=proof))
    new = "another long enough phrase"
    data(await api.post("/auth/password/forgot/change", json={**proof, "new_password": new}))

    back = data(await api.patch(REACTIVATE, json=credentials(someone, password=new)))

    assert back == {"reactivated": True}


async def test_reactivated_account_signs_in_as_before(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    left = await leave(api, someone)
    await is_shown(resources, someone, active=False)

    back = data(await api.patch(REACTIVATE, json=credentials(someone)))

    assert back == {"reactivated": True}
    data(await api.post("/auth/login", json=someone.person.credentials))
    await is_shown(resources, someone, active=True)
    assert await state_of(api, left["flow_id"]) == "cancelled"
    after = await document(resources, someone)
    assert {"deletion_at", "deactivated_at"} & after.keys() == set()


async def test_reactivation_does_not_restore_sessions(api: httpx.AsyncClient, someone: SignedIn) -> None:
    await leave(api, someone)
    data(await api.patch(REACTIVATE, json=credentials(someone)))

    assert refusal(await api.get(ME, headers=someone.bearer)) == (401, "SessionRevoked")


async def test_reactivated_account_can_be_deactivated_again(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, someone: SignedIn
) -> None:
    await leave(api, someone)
    await mailbox.letter(someone.person.email, "account-deactivated")
    data(await api.patch(REACTIVATE, json=credentials(someone)))
    session = data(await api.post("/auth/login", json=someone.person.credentials))

    left = data(await api.patch(DEACTIVATE, headers=on_device(someone, session)))

    assert await state_of(api, left["flow_id"]) == "waiting"
    await mailbox.letter(someone.person.email, "account-deactivated", number=2)
    await is_shown(resources, someone, active=False)


async def test_concurrent_reactivations_succeed_once(api: httpx.AsyncClient, someone: SignedIn) -> None:
    await leave(api, someone)

    answers = await asyncio.gather(*(api.patch(REACTIVATE, json=credentials(someone)) for _ in range(3)))

    assert sorted(data(answer)["reactivated"] for answer in answers) == [False, False, True]


async def test_active_account_is_not_reactivated(api: httpx.AsyncClient, someone: SignedIn) -> None:
    assert data(await api.patch(REACTIVATE, json=credentials(someone))) == {"reactivated": False}
    data(await api.get(ME, headers=someone.bearer))


@pytest.mark.parametrize("wrong", [{"password": "not the one"}, {"email_or_username": "no_user_of_this_name"}])
async def test_wrong_credentials_reactivate_nothing(
    api: httpx.AsyncClient, someone: SignedIn, wrong: dict[str, str]
) -> None:
    await leave(api, someone)

    answer = await api.patch(REACTIVATE, json=credentials(someone, **wrong))

    assert refusal(answer) == (401, "InvalidCredentials")
    assert refusal(await api.post("/auth/login", json=someone.person.credentials)) == (403, "AccountDeactivated")


async def test_reactivation_without_the_second_factor_is_refused(api: httpx.AsyncClient, resources: Resources) -> None:
    someone, authenticator = await with_second_factor(api, resources)
    otp = {"otp": await authenticator.next_otp()}
    data(await api.patch(DEACTIVATE, json=otp, headers=on_device(someone)))

    without = await api.patch(REACTIVATE, json=credentials(someone))
    wrong = await api.patch(REACTIVATE, json=credentials(someone, recovery_code="AAAA-AAAA-AAAA-AAAA"))
    right = await api.patch(REACTIVATE, json=credentials(someone, otp=await authenticator.next_otp()))

    assert refusal(without) == (403, "SecondFactorRequired")
    assert refusal(wrong) == (400, "WrongCode")
    assert data(right) == {"reactivated": True}


async def test_recovery_code_reactivates_once(api: httpx.AsyncClient, resources: Resources) -> None:
    someone, authenticator = await with_second_factor(api, resources)
    code = {"recovery_code": authenticator.recovery_codes[0]}

    first = await api.patch(REACTIVATE, json=credentials(someone, **code))
    again = await api.patch(REACTIVATE, json=credentials(someone, **code))

    assert data(first) == {"reactivated": False}
    assert refusal(again) == (400, "WrongCode")
