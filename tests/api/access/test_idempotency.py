"""The Idempotency-Key: the same key, caller and body give the same answer, and one effect."""

import asyncio
import secrets

import httpx
import pytest

from tests.support.envelope import Json, data, details, fields, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import Person, begin, new_person, prove

START = "/auth/register/email-verification"
RESEND = "/auth/register/send-email-verification"
VERIFY = "/auth/register/verify-email"
REFRESH = "/auth/session/refresh"


@pytest.fixture
def key() -> str:
    return f"key.{secrets.token_hex(16)}"


async def start(api: httpx.AsyncClient, person: Person, key: str) -> httpx.Response:
    return await api.post(START, json=person.application, headers={"Idempotency-Key": key})


async def guess(api: httpx.AsyncClient, flow_id: str, code: str, key: str) -> httpx.Response:
    return await api.post(VERIFY, json={"flow_id": flow_id, "code": code}, headers={"Idempotency-Key": key})


async def complete(api: httpx.AsyncClient, mailbox: Mailbox, person: Person, flow_id: str, key: str) -> Json:
    code = await mailbox.code(person.email, "create-account")
    registered: Json = data(await prove(api, person, flow_id, code, key=key), 201)
    return registered


async def test_repeated_start_is_the_same_flow_with_one_mail(
    api: httpx.AsyncClient, mailbox: Mailbox, key: str
) -> None:
    person = new_person()

    first, second = [data(await start(api, person, key), 202) for _ in range(2)]

    await mailbox.letter(person.email, "create-account")
    assert first == second
    assert len(await mailbox.letters(person.email, "create-account")) == 1


async def test_parallel_starts_are_the_same_flow_with_one_mail(
    api: httpx.AsyncClient, mailbox: Mailbox, key: str
) -> None:
    person = new_person()

    responses = await asyncio.gather(*(start(api, person, key) for _ in range(20)))

    await mailbox.letter(person.email, "create-account")
    assert len({data(each, 202)["flow_id"] for each in responses}) == 1
    assert len(await mailbox.letters(person.email, "create-account")) == 1


async def test_starts_without_a_key_are_different_flows(api: httpx.AsyncClient) -> None:
    person = new_person()
    first = await begin(api, person)

    second = await begin(api, person)

    assert second["flow_id"] != first["flow_id"]


async def test_refused_start_is_refused_again(api: httpx.AsyncClient, key: str) -> None:
    holder = new_person()
    await begin(api, holder)
    late = new_person(username=holder.username)

    answers = [refusal(await start(api, late, key)) for _ in range(2)]

    assert answers == [(409, "UsernameTaken")] * 2


@pytest.mark.parametrize("change", ["username", "email", "password"])
async def test_key_with_another_body_is_refused(api: httpx.AsyncClient, key: str, change: str) -> None:
    person, other = new_person(), new_person(password="quite another pass phrase")
    await start(api, person, key)
    body = {**person.application, change: other.application[change]}

    response = await api.post(START, json=body, headers={"Idempotency-Key": key})

    assert refusal(response) == (409, "IdempotencyKeyReused")


async def test_start_repeated_after_the_end_finds_its_flow(api: httpx.AsyncClient, mailbox: Mailbox, key: str) -> None:
    person = new_person()
    flow = data(await start(api, person, key), 202)
    await complete(api, mailbox, person, flow["flow_id"], key)
    await mailbox.letter(person.email, "welcome-message")

    again = data(await start(api, person, key), 202)

    assert again["flow_id"] == flow["flow_id"]
    assert again["state"] in {"waiting", "completed"}
    assert len(await mailbox.letters(person.email, "create-account")) == 1


async def test_key_with_another_body_is_refused_after_the_end(
    api: httpx.AsyncClient, mailbox: Mailbox, key: str
) -> None:
    person = new_person()
    flow = data(await start(api, person, key), 202)
    await complete(api, mailbox, person, flow["flow_id"], key)
    await mailbox.letter(person.email, "welcome-message")

    response = await start(api, new_person(), key)

    assert refusal(response) == (409, "IdempotencyKeyReused")


async def test_repeated_verify_gives_the_same_session_again(api: httpx.AsyncClient, mailbox: Mailbox, key: str) -> None:
    person = new_person()
    flow = await begin(api, person)

    first, second = [await complete(api, mailbox, person, flow["flow_id"], key) for _ in range(2)]

    assert second["user"] == first["user"]
    assert second["session"]["_id"] == first["session"]["_id"]
    assert second["session"]["session_token"] == first["session"]["session_token"]


async def test_verify_repeated_after_the_end_gives_the_same_session_again(
    api: httpx.AsyncClient, mailbox: Mailbox, key: str
) -> None:
    person = new_person()
    flow = await begin(api, person)
    first = await complete(api, mailbox, person, flow["flow_id"], key)
    await mailbox.letter(person.email, "welcome-message")

    second = await complete(api, mailbox, person, flow["flow_id"], key)

    assert second["session"]["session_token"] == first["session"]["session_token"]


async def test_verify_repeated_after_a_refresh_gives_no_tokens(
    api: httpx.AsyncClient, mailbox: Mailbox, key: str
) -> None:
    person = new_person()
    flow = await begin(api, person)
    first = await complete(api, mailbox, person, flow["flow_id"], key)
    await api.post(REFRESH, json={"session_token": first["session"]["session_token"]})

    second = await complete(api, mailbox, person, flow["flow_id"], key)

    assert second["session"]["_id"] == first["session"]["_id"]
    tokens = [second["session"][name] for name in ("session_token", "access_token", "expires_in")]
    assert tokens == [None, None, None]


async def test_parallel_verifies_give_one_session(api: httpx.AsyncClient, mailbox: Mailbox, key: str) -> None:
    person = new_person()
    flow = await begin(api, person)

    answers = await asyncio.gather(
        *(complete(api, mailbox, person, flow["flow_id"], key) for _ in range(10)),
    )

    assert len({each["session"]["session_token"] for each in answers}) == 1


async def test_repeated_wrong_code_is_counted_once(api: httpx.AsyncClient, key: str) -> None:
    flow = await begin(api, new_person())

    tries = [await guess(api, flow["flow_id"], "222222", key) for _ in range(3)]

    assert [refusal(each) for each in tries] == [(400, "WrongCode")] * 3
    assert [details(each) for each in tries] == [{"attempts_left": 4}] * 3


async def test_key_with_another_code_is_refused_and_not_counted(api: httpx.AsyncClient, key: str) -> None:
    flow = await begin(api, new_person())
    await guess(api, flow["flow_id"], "222222", key)

    response = await guess(api, flow["flow_id"], "333333", key)

    assert refusal(response) == (409, "IdempotencyKeyReused")
    assert data(await api.get(f"/flows/{flow['flow_id']}"))["attempts_left"] == 4


async def test_repeated_resend_gets_the_same_answer(api: httpx.AsyncClient, key: str) -> None:
    flow = await begin(api, new_person())
    body = {"flow_id": flow["flow_id"]}

    answers = [refusal(await api.post(RESEND, json=body, headers={"Idempotency-Key": key})) for _ in range(2)]

    assert answers == [(429, "ResendTooSoon")] * 2


async def test_repeated_cancel_gets_the_same_answer(api: httpx.AsyncClient, quiet_flow: str, key: str) -> None:
    path = f"/flows/{quiet_flow}/cancel"

    answers = [data(await api.post(path, headers={"Idempotency-Key": key})) for _ in range(2)]

    assert [each["state"] for each in answers] == ["cancelled"] * 2


async def test_same_key_on_another_route_is_another_request(api: httpx.AsyncClient, key: str) -> None:
    flow = data(await start(api, new_person(), key), 202)

    response = await guess(api, flow["flow_id"], "222222", key)

    assert refusal(response) == (400, "WrongCode")


@pytest.mark.parametrize("made_up", ["1234567", "x" * 129, "", "with space", "käse-und-brot", "a/b/c/d/e/f"])
@pytest.mark.parametrize("path", [START, RESEND, VERIFY, "/flows/r" + "A" * 32 + "/cancel"])
async def test_malformed_key_is_refused(api: httpx.AsyncClient, path: str, made_up: str) -> None:
    response = await api.post(path, json={}, headers={b"Idempotency-Key": made_up.encode()})

    assert "header.Idempotency-Key" in fields(response)


@pytest.mark.parametrize("length", [8, 128])
async def test_shortest_and_longest_key_are_accepted(api: httpx.AsyncClient, length: int) -> None:
    key = secrets.token_hex(64)[:length]

    response = await start(api, new_person(), key)

    assert data(response, 202)["state"] == "waiting"
