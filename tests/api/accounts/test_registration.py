"""The start of a registration: which names and addresses are accepted, and what the answers reveal."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.support.envelope import data, details, fields, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, begin, new_person

START = "/auth/register/email-verification"
FLOW = {"flow_id", "kind", "state", "next", "expires_at", "attempts_left", "resend_available_at"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_start_returns_a_flow_that_waits_for_the_code(api: httpx.AsyncClient) -> None:
    asked_at = datetime.now(UTC)

    flow = data(await api.post(START, json=new_person().application), 202)

    assert flow.keys() == FLOW
    assert (flow["kind"], flow["state"], flow["next"]) == ("registration", "waiting", "email_code")
    assert flow["attempts_left"] == 5
    assert abs(moment(flow["expires_at"]) - asked_at - timedelta(minutes=10)) < timedelta(seconds=5)
    assert abs(moment(flow["resend_available_at"]) - asked_at - timedelta(seconds=60)) < timedelta(seconds=5)


async def test_code_mail_has_neither_flow_id_nor_password(api: httpx.AsyncClient, mailbox: Mailbox) -> None:
    person = new_person()

    flow = await begin(api, person)

    letter = await mailbox.letter(person.email, "create-account")
    assert letter["to"] == person.email
    assert flow["flow_id"] not in letter["raw"]
    assert person.password not in letter["raw"]


async def test_name_of_an_account_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    newcomer = new_person(username=someone.person.username)

    response = await api.post(START, json=newcomer.application)

    assert refusal(response) == (409, "UsernameTaken")


async def test_name_of_an_account_in_another_letter_case_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    newcomer = new_person(username=someone.person.username.upper())

    response = await api.post(START, json=newcomer.application)

    assert refusal(response) == (409, "UsernameTaken")


async def test_name_held_by_an_open_flow_is_refused(api: httpx.AsyncClient) -> None:
    first = new_person()
    await begin(api, first)

    response = await api.post(START, json=new_person(username=first.username).application)

    assert refusal(response) == (409, "UsernameTaken")


@pytest.mark.defect(99)
@pytest.mark.parametrize("name", ["admin", "ROOT", "Decode", "undefined"])
async def test_reserved_name_is_refused_like_a_taken_one(api: httpx.AsyncClient, name: str) -> None:
    response = await api.post(START, json=new_person(username=name).application)

    assert refusal(response) == (409, "UsernameTaken")


async def test_address_with_a_unicode_domain_gets_its_code(api: httpx.AsyncClient, mailbox: Mailbox) -> None:
    person = new_person()
    written = f"{person.username}@bücher.test"

    await begin(api, new_person(username=person.username, email=written))

    assert await mailbox.code(f"{person.username}@xn--bcher-kva.test", "create-account")


async def test_address_with_a_unicode_local_part_gets_its_code(api: httpx.AsyncClient, mailbox: Mailbox) -> None:
    person = new_person()
    person = new_person(username=person.username, email=f"jürgen.{person.username}@people.test")

    await begin(api, person)

    assert await mailbox.code(person.email, "create-account")


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("seven77", id="seven characters"),
        pytest.param("Password1", id="a common one in other letters"),
        pytest.param("x" * 257, id="too long"),
        pytest.param("my-decode-account", id="the product's name"),
        pytest.param("see carpenter_99 run", id="the username"),
        pytest.param("see Mail_of_Carpenter run", id="the address"),
    ],
)
async def test_weak_password_is_refused(api: httpx.AsyncClient, password: str) -> None:
    application = {"username": "carpenter_99", "email": "mail_of_carpenter@people.test", "password": password}

    response = await api.post(START, json=application)

    assert refusal(response) == (422, "WeakPassword")
    assert password not in response.text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"username": "ab"}, "body.username", id="name too short"),
        pytest.param({"username": "a" * 31}, "body.username", id="name too long"),
        pytest.param({"username": "with space"}, "body.username", id="space in the name"),
        pytest.param({"username": "trailing\n"}, "body.username", id="newline after the name"),
        pytest.param({"username": "ünïcode"}, "body.username", id="foreign letters in the name"),
        pytest.param({"username": None}, "body.username", id="no name"),
        pytest.param({"username": 12345}, "body.username", id="name is a number"),
        pytest.param({"email": "no-address"}, "body.email", id="no address"),
        pytest.param({"email": "a@b@c.test"}, "body.email", id="two at signs"),
        pytest.param({"email": "a\r\nBcc: b@c.test"}, "body.email", id="header in the address"),
        pytest.param({"email": "a@people.test\u0000"}, "body.email", id="NUL in the address"),
        pytest.param({"email": f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 63}.test"}, "body.email", id="255 characters"),
        pytest.param({"email": ["a@people.test"]}, "body.email", id="address in a list"),
        pytest.param({"password": ""}, "body.password", id="empty password"),
        pytest.param({"password": "a pass phrase\u0007"}, "body.password", id="bell in the password"),
        pytest.param({"password": {"$ne": ""}}, "body.password", id="an operator for a password"),
        pytest.param({"role": "admin"}, "body.role", id="unknown field"),
    ],
)
async def test_malformed_application_is_refused_by_its_field(
    api: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    response = await api.post(START, json={**new_person().application, **change})

    assert fields(response) == {field}


async def test_malformed_application_is_not_repeated_to_the_caller(api: httpx.AsyncClient) -> None:
    application = {**new_person().application, "password": 424_242_424_242}

    response = await api.post(START, json=application)

    assert details(response)
    assert "424242424242" not in response.text


async def test_known_address_is_answered_like_an_unknown_one(api: httpx.AsyncClient, someone: SignedIn) -> None:
    known, unknown = await asyncio.gather(
        api.post(START, json=new_person(email=someone.person.email).application),
        api.post(START, json=new_person().application),
    )

    assert data(known, 202).keys() == data(unknown, 202).keys()
    assert shown(known) == shown(unknown)
    assert known.headers.keys() == unknown.headers.keys()


async def test_known_address_gets_a_mail_without_a_code(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    stranger = new_person(email=someone.person.email.upper())

    await begin(api, stranger)

    letter = await mailbox.letter(someone.person.email, "account-exists")
    assert stranger.username not in letter["text"]
    assert not await mailbox.letters(someone.person.email, "create-account")


async def test_known_address_refuses_codes_and_resends_like_an_unknown_one(
    api: httpx.AsyncClient, someone: SignedIn
) -> None:
    known = await begin(api, new_person(email=someone.person.email))
    unknown = await begin(api, new_person())

    tries = [await guess(api, flow["flow_id"]) for flow in (known, unknown)]
    resends = [await resend(api, flow["flow_id"]) for flow in (known, unknown)]

    assert [refusal(each) for each in tries] == [(400, "WrongCode")] * 2
    assert [details(each) for each in tries] == [{"attempts_left": 4}] * 2
    assert [refusal(each) for each in resends] == [(429, "ResendTooSoon")] * 2
    assert tries[0].headers.keys() == tries[1].headers.keys()
    assert resends[0].headers.keys() == resends[1].headers.keys()


@pytest.mark.defect(12)
async def test_first_to_verify_an_address_leaves_the_other_with_wrong_codes(
    api: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    first = new_person()
    second = new_person(email=first.email)
    flow = await begin(api, second)
    code = await mailbox.code(first.email, "create-account")
    await register_with_second_code(api, mailbox, first.username, first.email)

    response = await api.post("/auth/register/verify-email", json={"flow_id": flow["flow_id"], "code": code})

    assert refusal(response) == (400, "WrongCode")
    assert details(response) == {"attempts_left": 4}


def shown(response: httpx.Response) -> tuple[str, dict[str, Any]]:
    """Return message and flow without the fields that differ between flows."""
    flow = {**response.json()["data"]}
    for own in ("flow_id", "expires_at", "resend_available_at"):
        del flow[own]
    return response.json()["message"], flow


async def guess(api: httpx.AsyncClient, flow_id: str, code: str = "222222") -> httpx.Response:
    return await api.post("/auth/register/verify-email", json={"flow_id": flow_id, "code": code})


async def resend(api: httpx.AsyncClient, flow_id: str) -> httpx.Response:
    return await api.post("/auth/register/send-email-verification", json={"flow_id": flow_id})


async def register_with_second_code(api: httpx.AsyncClient, mailbox: Mailbox, username: str, email: str) -> None:
    flow = await begin(api, new_person(username=username, email=email))
    code = await mailbox.code(email, "create-account", number=2)
    data(await guess(api, flow["flow_id"], code), 201)
