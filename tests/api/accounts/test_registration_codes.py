"""The code of a registration: its verification, its number of attempts, and its resend."""

import asyncio
from collections import Counter
from datetime import timedelta

import httpx
import pytest

from adapters.resources import Resources
from tests.api.conftest import BeginAt, seen_off
from tests.api.contract_shapes import PROFILE, SESSION
from tests.support.envelope import data, details, fields, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, begin, new_person, prove, register
from tests.support.polling import eventually

VERIFY = "/auth/register/verify-email"
RESEND = "/auth/register/send-email-verification"
START = "/auth/register/email-verification"
WRONG = "222222"


async def guess(api: httpx.AsyncClient, flow_id: str, code: str = WRONG) -> httpx.Response:
    return await api.post(VERIFY, json={"flow_id": flow_id, "code": code})


async def test_right_code_creates_the_account(api: httpx.AsyncClient, mailbox: Mailbox) -> None:
    person = new_person()
    flow = await begin(api, person)
    code = await mailbox.code(person.email, "create-account")

    made = data(await guess(api, flow["flow_id"], code), 201)

    assert made.keys() == {"user", "session"}
    assert made["user"].keys() == PROFILE
    assert (made["user"]["username"], made["user"]["display_name"]) == (person.username, person.username)
    assert (made["user"]["role"], made["user"]["is_active"]) == ("user", True)
    assert made["session"] is None


async def test_right_code_with_a_device_opens_a_session_there(api: httpx.AsyncClient, mailbox: Mailbox) -> None:
    person = new_person()
    flow = await begin(api, person)
    code = await mailbox.code(person.email, "create-account")

    made = data(await prove(api, person, flow["flow_id"], code), 201)

    assert made["session"].keys() == SESSION
    assert made["session"]["user_id"] == made["user"]["_id"]
    assert (made["session"]["app"], made["session"]["expires_in"]) == ("decode", 900)
    assert made["user"]["last_login"] is not None
    bearer = {"Authorization": f"Bearer {made['session']['access_token']}"}
    assert data(await api.get("/users/profile/me", headers=bearer))["_id"] == made["user"]["_id"]


async def test_device_of_the_registration_is_trusted(api: httpx.AsyncClient, registered: SignedIn) -> None:
    response = await api.post("/auth/login", json=registered.person.credentials)

    assert data(response)["device_fingerprint_id"] == registered.session["device_fingerprint_id"]


async def test_letter_case_of_a_code_is_ignored(api: httpx.AsyncClient, mailbox: Mailbox) -> None:
    person = new_person()
    flow = await begin(api, person)
    code = await mailbox.code(person.email, "create-account")

    response = await guess(api, flow["flow_id"], code.lower())

    assert data(response, 201)["user"]["username"] == person.username


async def test_new_account_gets_one_welcome_mail_and_a_graph_node(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    signed_in = await register(api, mailbox)

    await mailbox.letter(signed_in.person.email, "welcome-message")
    await eventually(lambda: in_graph(resources, signed_in.user["_id"]))
    assert len(await mailbox.letters(signed_in.person.email, "welcome-message")) == 1


async def test_five_wrong_codes_count_down_and_lock(api: httpx.AsyncClient, quiet_flow: str) -> None:
    tries = [await guess(api, quiet_flow) for _ in range(5)]

    assert [refusal(each) for each in tries] == [(400, "WrongCode")] * 5
    assert [details(each)["attempts_left"] for each in tries] == [4, 3, 2, 1, 0]
    assert refusal(await guess(api, quiet_flow)) == (429, "AttemptsExhausted")


async def test_locked_flow_refuses_the_right_code(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    person = new_person()
    flow = await begin(api, person)
    code = await mailbox.code(person.email, "create-account")
    await seen_off(resources, flow["flow_id"])
    await asyncio.gather(*(guess(api, flow["flow_id"]) for _ in range(5)))

    response = await guess(api, flow["flow_id"], code)

    assert refusal(response) == (429, "AttemptsExhausted")


@pytest.mark.defect(9)
async def test_two_hundred_concurrent_guesses_count_five(api: httpx.AsyncClient, quiet_flow: str) -> None:
    answers = await asyncio.gather(*(guess(api, quiet_flow) for _ in range(200)))

    assert Counter(map(refusal, answers)) == {(400, "WrongCode"): 5, (429, "AttemptsExhausted"): 195}


async def test_guesses_during_the_mail_give_no_server_error(api: httpx.AsyncClient) -> None:
    answers = [await guess_at_once(api) for _ in range(5)]

    lawful = {(400, "WrongCode"), (429, "AttemptsExhausted"), (503, "DependencyUnavailable")}
    assert {refusal(each) for several in answers for each in several} <= lawful


@pytest.mark.parametrize("code", ["", "22222", "2222222", "22222\u0000", None, 222222])
async def test_malformed_code_is_not_counted(api: httpx.AsyncClient, code: object) -> None:
    flow = await begin(api, new_person())

    response = await api.post(VERIFY, json={"flow_id": flow["flow_id"], "code": code})

    assert fields(response) == {"body.code"}
    assert data(await api.get(f"/flows/{flow['flow_id']}"))["attempts_left"] == 5


@pytest.mark.parametrize("code", ["000000", "OOOOOO", "ßßßßßß", "😀😀😀😀😀😀", "A1-0 O I L"])
async def test_six_characters_outside_the_alphabet_are_a_wrong_code(api: httpx.AsyncClient, code: str) -> None:
    flow = await begin(api, new_person())

    response = await guess(api, flow["flow_id"], code)

    assert refusal(response) == (400, "WrongCode")
    assert details(response) == {"attempts_left": 4}


@pytest.mark.parametrize(
    "change",
    [{"fingerprint_hashed": "short"}, {"browser": "a\nb"}, {"device": ""}, {"app": 1}, {"otp": "123456"}],
)
async def test_malformed_device_is_refused_by_its_field(api: httpx.AsyncClient, change: dict[str, object]) -> None:
    person = new_person()
    flow = await begin(api, person)

    response = await api.post(VERIFY, json={"flow_id": flow["flow_id"], "code": WRONG, **person.device, **change})

    assert fields(response) == {f"body.{next(iter(change))}"}


@pytest.mark.parametrize("step", [VERIFY, RESEND])
@pytest.mark.parametrize("flow_id", ["r" + "A" * 32, "s" + "A" * 32, "nonsense", "r" + "A" * 31 + "/", "r" + "é" * 32])
async def test_step_in_an_unknown_flow_is_not_found(api: httpx.AsyncClient, step: str, flow_id: str) -> None:
    code = {"code": WRONG} if step == VERIFY else {}

    response = await api.post(step, json={"flow_id": flow_id, **code})

    assert refusal(response) == (404, "FlowNotFound")


@pytest.mark.parametrize("flow_id", ["", "r" * 65, "r\u0000", None, 1, {}])
async def test_malformed_flow_id_in_a_body_is_refused(api: httpx.AsyncClient, flow_id: object) -> None:
    response = await api.post(RESEND, json={"flow_id": flow_id})

    assert fields(response) == {"body.flow_id"}


@pytest.mark.defect(99)
async def test_resend_within_a_minute_gets_retry_after(api: httpx.AsyncClient) -> None:
    flow = await begin(api, new_person())

    response = await api.post(RESEND, json={"flow_id": flow["flow_id"]})

    assert refusal(response) == (429, "ResendTooSoon")
    assert 55 <= int(response.headers["retry-after"]) <= 60


async def test_resend_after_a_minute_mails_a_new_code_that_voids_the_old(
    api: httpx.AsyncClient, mailbox: Mailbox, begin_aged: BeginAt
) -> None:
    person = new_person()
    flow_id = await begin_aged(person, age=timedelta(seconds=61))
    old = await mailbox.code(person.email, "create-account")

    flow = data(await api.post(RESEND, json={"flow_id": flow_id}), 202)

    new = await mailbox.code(person.email, "create-account", number=2)
    assert (flow["flow_id"], flow["state"]) == (flow_id, "waiting")
    assert refusal(await guess(api, flow_id, old)) == (400, "WrongCode")
    assert data(await guess(api, flow_id, new), 201)["user"]["username"] == person.username


async def test_resend_does_not_restore_attempts(api: httpx.AsyncClient, begin_aged: BeginAt) -> None:
    flow_id = await begin_aged(new_person(), age=timedelta(seconds=61))
    await guess(api, flow_id)

    flow = data(await api.post(RESEND, json={"flow_id": flow_id}), 202)

    assert flow["attempts_left"] == 4


@pytest.mark.parametrize("step", [VERIFY, RESEND])
async def test_step_in_an_expired_flow_is_refused(api: httpx.AsyncClient, begin_aged: BeginAt, step: str) -> None:
    flow_id = await begin_aged(new_person(), age=timedelta(seconds=5), life=timedelta(seconds=1))
    code = {"code": WRONG} if step == VERIFY else {}

    response = await api.post(step, json={"flow_id": flow_id, **code})

    assert refusal(response) == (410, "FlowExpired")


async def test_name_of_an_expired_flow_is_free_again(api: httpx.AsyncClient, begin_aged: BeginAt) -> None:
    person = new_person()
    flow_id = await begin_aged(person, life=timedelta(seconds=1))
    await eventually(lambda: is_over(api, flow_id))

    flow = await begin(api, person)

    assert flow["state"] == "waiting"


async def in_graph(resources: Resources, user_id: str) -> bool:
    found = await resources.clients.neo4j.execute_query("MATCH (u:User {user_id: $id}) RETURN u", id=user_id)
    return len(found.records) == 1


async def is_over(api: httpx.AsyncClient, flow_id: str) -> bool:
    return bool(data(await api.get(f"/flows/{flow_id}"))["state"] == "expired")


async def guess_at_once(api: httpx.AsyncClient) -> list[httpx.Response]:
    """Send 20 concurrent guesses to a flow whose mail is being sent."""
    flow = await begin(api, new_person())
    return await asyncio.gather(*(guess(api, flow["flow_id"]) for _ in range(20)))
