"""The journey of a user who changes the username."""

import secrets
from collections.abc import AsyncIterator

import httpx

from tests.journeys.registration import Step
from tests.journeys.steps import at_home, data, refused
from tests.support.mailbox import Mailbox
from tests.support.people import new_person, register

CHANGE = "/users/username/change"
FREE = "/users/search/existing-username"


async def play(api: httpx.AsyncClient, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError at the first that fails."""
    someone, name = await register(api, mailbox), f"user_{secrets.token_hex(6)}"
    home = at_home(someone)
    flow_id = data(await api.post(f"{CHANGE}/initiate", json={"new_username": name}, headers=home), 202)["flow_id"]
    assert data(await api.get(FREE, params={"username": name}))["reason"] == "taken"
    yield Step("ask for another name; it is held", flow_id)

    pending = data(await api.get("/users/profile/me", headers=home))["pending_flows"]
    assert [flow["flow_id"] for flow in pending] == [flow_id]
    yield Step("find the change among what is under way", flow_id)

    code = await mailbox.code(someone.person.email, "username-change-verify")
    changed = await api.post(f"{CHANGE}/verify-email", json={"flow_id": flow_id, "code": code}, headers=home)
    assert data(changed)["username"] == name
    yield Step("prove the address, bear the name", flow_id)

    data(await api.post("/auth/login", json={**someone.person.credentials, "email_or_username": name}))
    yield Step("sign in with the new name")

    stranger = new_person(username=someone.person.username)
    refused(await api.post("/auth/register/email-verification", json=stranger.application), "UsernameTaken")
    yield Step("no other account gets the old one")

    again = await api.post(f"{CHANGE}/initiate", json={"new_username": f"{name}_2"}, headers=home)
    refused(again, "UsernameCooldown")
    yield Step("the next change must wait for 30 days")
