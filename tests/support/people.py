"""Users for tests: each with a name, an address and a device of their own."""

import secrets
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.clients import repeat_until_answered
from tests.support.mailbox import Mailbox

PASSWORD = "a long enough pass phrase"


@dataclass(frozen=True)
class Person:
    username: str
    email: str
    fingerprint: str
    password: str = PASSWORD

    @property
    def application(self) -> dict[str, str]:
        """The body of a registration."""
        return {"username": self.username, "email": self.email, "password": self.password}

    @property
    def device(self) -> dict[str, str]:
        return {"fingerprint_hashed": self.fingerprint, "browser": "Firefox 145", "device": "Linux"}

    @property
    def request_key(self) -> str:
        """An Idempotency-Key for the end of the registration."""
        return f"key.{self.username}"

    @property
    def credentials(self) -> dict[str, str]:
        """The body of a login on this user's device."""
        return {"email_or_username": self.username, "password": self.password, **self.device}


@dataclass(frozen=True)
class SignedIn:
    """A registered user with the session that the registration ended in."""

    person: Person
    flow_id: str
    user: dict[str, Any]
    session: dict[str, Any]

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.session['access_token']}"}


def new_person(**changes: str) -> Person:
    name = f"user_{secrets.token_hex(6)}"
    facts = {"username": name, "email": f"{name}@people.test", "fingerprint": secrets.token_hex(32)}
    return Person(**(facts | changes))


async def begin(api: httpx.AsyncClient, person: Person) -> dict[str, Any]:
    """Ask for an account. Returns the flow object."""
    response = await api.post("/auth/register/email-verification", json=person.application)
    assert response.status_code == 202, response.text
    flow: dict[str, Any] = response.json()["data"]
    return flow


async def prove(
    api: httpx.AsyncClient, person: Person, flow_id: str, code: str, *, key: str | None = None
) -> httpx.Response:
    """Submit a code on the user's device, with an Idempotency-Key where given."""
    proof = {"flow_id": flow_id, "code": code, **person.device}
    headers = {"Idempotency-Key": key} if key else {}
    return await api.post("/auth/register/verify-email", json=proof, headers=headers)


async def prove_until_answered(api: httpx.AsyncClient, person: Person, flow_id: str, code: str) -> httpx.Response:
    """Submit a code with a key, as often as it takes while a worker is starting."""
    return await repeat_until_answered(lambda: prove(api, person, flow_id, code, key=person.request_key))


async def register(api: httpx.AsyncClient, mailbox: Mailbox, person: Person | None = None) -> SignedIn:
    """Register a user, from the first request to the session."""
    person = person or new_person()
    flow = await begin(api, person)
    code = await mailbox.code(person.email, "create-account")
    response = await prove(api, person, flow["flow_id"], code)
    assert response.status_code == 201, response.text
    data = response.json()["data"]
    return SignedIn(person, flow["flow_id"], data["user"], data["session"])
