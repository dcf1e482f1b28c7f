"""Sign-in on a trusted device, and logout."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from tests.api.conftest import ChangeUser
from tests.api.contract_shapes import SESSION
from tests.support.accounts import make_account
from tests.support.envelope import data, fields, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, begin, new_person, prove

LOGIN = "/auth/login"
LOGOUT = "/auth/session/logout"


async def me(api: httpx.AsyncClient, session: dict[str, Any]) -> httpx.Response:
    return await api.get("/users/profile/me", headers={"Authorization": f"Bearer {session['access_token']}"})


async def test_login_on_a_trusted_device_opens_a_session(api: httpx.AsyncClient, someone: SignedIn) -> None:
    session = data(await api.post(LOGIN, json=someone.person.credentials))

    assert session.keys() == SESSION
    assert session["_id"] != someone.session["_id"]
    assert (session["user_id"], session["is_active"]) == (someone.user["_id"], True)
    life = datetime.fromisoformat(session["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < life <= timedelta(days=30)
    assert data(await me(api, session))["_id"] == someone.user["_id"]


async def test_login_names_its_app(api: httpx.AsyncClient, someone: SignedIn) -> None:
    session = data(await api.post(LOGIN, json={**someone.person.credentials, "app": "admin-desk"}))

    assert session["app"] == "admin-desk"


async def test_login_keeps_the_other_sessions(api: httpx.AsyncClient, someone: SignedIn) -> None:
    await api.post(LOGIN, json=someone.person.credentials)

    assert data(await me(api, someone.session))["_id"] == someone.user["_id"]


@pytest.mark.defect(90)
@pytest.mark.parametrize("change", [str, str.upper, str.title], ids=["as typed", "upper", "title"])
async def test_letter_case_of_name_and_address_is_ignored(
    api: httpx.AsyncClient, someone: SignedIn, change: Any
) -> None:
    by_name = {**someone.person.credentials, "email_or_username": change(someone.person.username)}
    by_address = {**someone.person.credentials, "email_or_username": change(someone.person.email)}

    responses = [await api.post(LOGIN, json=each) for each in (by_name, by_address)]

    assert [data(each)["user_id"] for each in responses] == [someone.user["_id"]] * 2


async def test_unicode_address_signs_in_as_it_was_registered(api: httpx.AsyncClient, mailbox: Mailbox) -> None:
    name = new_person().username
    person = new_person(username=name, email=f"{name}@bücher.test")
    flow = await begin(api, person)
    code = await mailbox.code(f"{name}@xn--bcher-kva.test", "create-account")
    registered = data(await prove(api, person, flow["flow_id"], code), 201)

    response = await api.post(LOGIN, json={**person.credentials, "email_or_username": person.email})

    assert data(response)["user_id"] == registered["user"]["_id"]


async def test_composed_and_decomposed_password_are_equal(api: httpx.AsyncClient, resources: Resources) -> None:
    signed_in = await make_account(resources, new_person(password="ein schöner Satz"))
    typed = {**signed_in.person.credentials, "password": "ein scho\u0308ner Satz"}

    response = await api.post(LOGIN, json=typed)

    assert data(response)["user_id"] == signed_in.user["_id"]


async def test_unknown_user_and_wrong_password_are_answered_alike(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wrong = {**someone.person.credentials, "password": "not the pass phrase"}

    wrong_password, unknown_name, unknown_address = [
        await api.post(LOGIN, json=each)
        for each in (
            wrong,
            {**wrong, "email_or_username": new_person().username},
            {**wrong, "email_or_username": new_person().email},
        )
    ]

    assert refusal(wrong_password) == (401, "InvalidCredentials")
    assert shown(wrong_password) == shown(unknown_name) == shown(unknown_address)


async def test_wrong_password_is_checked_before_the_device(api: httpx.AsyncClient, someone: SignedIn) -> None:
    stranger = {**new_person().credentials, "email_or_username": someone.person.username, "password": "a wrong guess"}

    assert refusal(await api.post(LOGIN, json=stranger)) == (401, "InvalidCredentials")


async def test_device_trusted_by_another_account_needs_a_code(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    other = await make_account(resources)
    borrowed = {**someone.person.credentials, "fingerprint_hashed": other.person.fingerprint}

    assert data(await api.post(LOGIN, json=borrowed), 202)["next"] == "device_code"


@pytest.mark.defect(27)
async def test_deactivated_account_is_reported_after_the_right_password_only(
    api: httpx.AsyncClient, someone: SignedIn, change_user: ChangeUser
) -> None:
    await change_user(someone.user["_id"], {"is_active": False})

    right = await api.post(LOGIN, json=someone.person.credentials)
    wrong = await api.post(LOGIN, json={**someone.person.credentials, "password": "a wrong guess"})

    assert refusal(right) == (403, "AccountDeactivated")
    assert refusal(wrong) == (401, "InvalidCredentials")


@pytest.mark.parametrize(
    "change",
    [
        {"email_or_username": ""},
        {"email_or_username": "a" * 255},
        {"email_or_username": {"$gt": ""}},
        {"password": None},
        {"password": "p" * 1025},
        {"fingerprint_hashed": "f" * 31},
        {"fingerprint_hashed": "f" * 129},
        {"fingerprint_hashed": "\u0444" * 32},
        {"browser": ""},
        {"device": "\u202e"},
        {"app": "a" * 256},
        {"app": "a\u009fb"},
        {"remember_me": True},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_malformed_login_is_refused_by_its_field(api: httpx.AsyncClient, change: dict[str, object]) -> None:
    response = await api.post(LOGIN, json={**new_person().credentials, **change})

    assert fields(response) == {f"body.{next(iter(change))}"}


async def test_logins_beyond_the_hashing_capacity_get_503(api: httpx.AsyncClient) -> None:
    credentials = new_person().credentials

    responses = await asyncio.gather(*(api.post(LOGIN, json=credentials) for _ in range(80)))

    assert {refusal(each) for each in responses} == {(401, "InvalidCredentials"), (503, "Overloaded")}


async def test_logout_ends_the_session_at_once(api: httpx.AsyncClient, someone: SignedIn) -> None:
    response = await api.post(LOGOUT, json={"session_token": someone.session["session_token"]})

    assert data(response) is None
    assert refusal(await me(api, someone.session)) == (401, "SessionRevoked")


async def test_second_logout_changes_nothing(api: httpx.AsyncClient, someone: SignedIn, resources: Resources) -> None:
    token = {"session_token": someone.session["session_token"]}
    await api.post(LOGOUT, json=token)
    before = await resources.auth.sessions.find_with_user(someone.session["_id"])

    response = await api.post(LOGOUT, json=token)

    assert data(response) is None
    assert await resources.auth.sessions.find_with_user(someone.session["_id"]) == before


async def test_logout_ends_only_its_own_session(api: httpx.AsyncClient, someone: SignedIn) -> None:
    second = data(await api.post(LOGIN, json=someone.person.credentials))

    await api.post(LOGOUT, json={"session_token": second["session_token"]})

    assert data(await me(api, someone.session))["_id"] == someone.user["_id"]


@pytest.mark.parametrize("token", ["", "tok\n", "dev1.0.0.0", "a.b.c.d", "é" * 40, "y" * 60_000])
async def test_logout_answers_garbage_like_a_valid_token(api: httpx.AsyncClient, someone: SignedIn, token: str) -> None:
    real = await api.post(LOGOUT, json={"session_token": someone.session["session_token"]})

    response = await api.post(LOGOUT, json={"session_token": token})

    assert data(response) is None
    assert response.json()["message"] == real.json()["message"]


def shown(response: httpx.Response) -> tuple[object, ...]:
    """Return a refusal without its timestamp and request id."""
    body = response.json()
    names = set(response.headers) - {"date"}
    return response.status_code, body.keys(), body["error"], body["message"], body.get("details"), names
