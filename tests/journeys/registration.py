"""The journey of one user: register, verify the address, be signed in, sign in again, deactivate.

Over HTTP and the mailbox only. The test suite runs it, and `make run` shows it.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.mailbox import Mailbox
from tests.support.people import Person, new_person

Json = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One line of the journey's table. `flow_id` where the step has a flow to look at."""

    name: str
    flow_id: str | None = None


async def play(api: httpx.AsyncClient, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError at the first that fails."""
    person = new_person()
    flow_id = await _ask(api, person)
    yield Step("ask for an account", flow_id)

    code = await mailbox.code(person.email, "create-account")
    yield Step("the code is in the mailbox", flow_id)

    session = await _prove(api, person, flow_id, code)
    yield Step("prove the address, be signed in", flow_id)

    await _sign_in(api, person)
    yield Step("sign in again on the trusted device")

    refreshed = _data(await api.post("/auth/session/refresh", json={"session_token": session["session_token"]}))
    yield Step("refresh the session")

    profile = _data(await api.get("/users/profile/me", headers=_bearer(refreshed)))
    assert profile["username"] == person.username
    yield Step("read the own profile")

    await mailbox.letter(person.email, "welcome-message")
    yield Step("the welcome mail is in the mailbox", flow_id)

    _data(await api.post("/auth/session/logout", json={"session_token": refreshed["session_token"]}))
    ended = await api.get("/users/profile/me", headers=_bearer(refreshed))
    assert ended.json()["error"] == "SessionRevoked"
    yield Step("sign out")


async def _ask(api: httpx.AsyncClient, person: Person) -> str:
    flow = _data(await api.post("/auth/register/email-verification", json=person.application), 202)
    assert flow["state"] == "waiting"
    return str(flow["flow_id"])


async def _prove(api: httpx.AsyncClient, person: Person, flow_id: str, code: str) -> Json:
    proof = {"flow_id": flow_id, "code": code, **person.device}
    registered = _data(await api.post("/auth/register/verify-email", json=proof), 201)
    session: Json = registered["session"]
    return session


async def _sign_in(api: httpx.AsyncClient, person: Person) -> None:
    _data(await api.post("/auth/login", json=person.credentials))


def _bearer(session: Json) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['access_token']}"}


def _data(response: httpx.Response, status: int = 200) -> Json:
    assert response.status_code == status, response.text
    data: Json = response.json()["data"]
    return data
