"""The journey to a new mail address, and back by the mail that the old one got."""

import re
from collections.abc import AsyncIterator

import httpx

from tests.journeys.registration import Step
from tests.journeys.steps import Json, at_home, data, refused
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, new_person, register

CHANGE = "/users/email/change"
FLOW_LINE = re.compile(r"v[A-Za-z0-9_-]{32}")


async def play(api: httpx.AsyncClient, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError at the first that fails."""
    someone, address = await register(api, mailbox), new_person().email
    home, old = at_home(someone), someone.person.email
    elsewhere = data(await api.post("/auth/login", json=someone.person.credentials))

    flow_id = data(await api.post(f"{CHANGE}/initiate", headers=home), 202)["flow_id"]
    proof = {"flow_id": flow_id, "code": await mailbox.code(old, "email-change-verify")}
    assert data(await api.post(f"{CHANGE}/verify-email", json=proof, headers=home))["next"] == "new_email"
    yield Step("prove the present address", flow_id)

    new = {"flow_id": flow_id, "new_email": address}
    assert data(await api.post(f"{CHANGE}/new-email-initiate", json=new, headers=home), 202)["next"] == "new_email_code"
    yield Step("name a new one", flow_id)

    proof = {"flow_id": flow_id, "code": await mailbox.code(address, "new-email-change-verify")}
    assert data(await api.post(f"{CHANGE}/new-email-verify", json=proof, headers=home))["email"] == address
    yield Step("prove it; it counts from now on", flow_id)

    token = {"Authorization": f"Bearer {elsewhere['access_token']}"}
    refused(await api.get("/users/profile/me", headers=token), "SessionRevoked")
    data(await api.get("/users/profile/me", headers=home))
    yield Step("every other session has ended")

    way_back = await _way_back(mailbox, old)
    yield Step("the old address was told how to take it back", way_back["flow_id"])

    reverted = await api.post(f"{CHANGE}/revert", json=way_back)
    assert reverted.status_code == 200, reverted.text
    refused(await api.get("/users/profile/me", headers=home), "SessionRevoked")
    yield Step("take it back; every session has ended", way_back["flow_id"])

    again = await _signed_in(api, someone)
    refused(await api.post(f"{CHANGE}/initiate", headers=again), "EmailChangeBarred")
    yield Step("the old address counts, and stays for 7 days")


async def _way_back(mailbox: Mailbox, address: str) -> Json:
    letter = await mailbox.letter(address, "email-changed")
    flow_id = next(line for line in letter["text"].splitlines() if FLOW_LINE.fullmatch(line))
    return {"flow_id": flow_id, "code": await mailbox.code(address, "email-changed")}


async def _signed_in(api: httpx.AsyncClient, someone: SignedIn) -> dict[str, str]:
    """With the old address, on the device of the registration."""
    credentials = {**someone.person.credentials, "email_or_username": someone.person.email}
    session = data(await api.post("/auth/login", json=credentials))
    return at_home(SignedIn(someone.person, "", someone.user, session))
