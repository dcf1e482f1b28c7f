"""The journey of a user who deactivates the account and reactivates it."""

from collections.abc import AsyncIterator
from datetime import datetime

import httpx

from tests.journeys.registration import Step
from tests.journeys.steps import at_home, data, on_device, refused
from tests.support.mailbox import Mailbox
from tests.support.people import register


async def play(api: httpx.AsyncClient, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError at the first that fails."""
    someone = await register(api, mailbox)
    person = someone.person
    credentials = {"email_or_username": person.username, "password": person.password}
    flow_id = data(await api.post("/users/account/export", headers=at_home(someone)), 202)["flow_id"]
    yield Step("ask for everything that is held", flow_id)

    left = data(await api.patch("/users/account/deactivate", headers=at_home(someone)))
    letter = await mailbox.letter(person.email, "account-deactivated", within=60)
    assert f"{datetime.fromisoformat(left['deletion_at']):%d %B %Y}" in letter["text"]
    yield Step("leave; a mail says when everything will be erased")

    refused(await api.get("/users/profile/me", headers=at_home(someone)), "SessionRevoked")
    refused(await api.post("/auth/login", json=person.credentials), "AccountDeactivated")
    yield Step("every session has ended, and no sign-in succeeds")

    wrong = await api.patch("/users/account/reactivate", json={**credentials, "password": "not the one"})
    refused(wrong, "InvalidCredentials")
    yield Step("no other user brings the account back")

    assert data(await api.patch("/users/account/reactivate", json=credentials)) == {"reactivated": True}
    assert data(await api.get(f"/flows/{left['flow_id']}"))["state"] == "cancelled"
    yield Step("come back; nothing will be erased")

    session = data(await api.post("/auth/login", json=person.credentials))
    data(await api.get("/users/profile/me", headers=on_device(session, person.fingerprint)))
    yield Step("sign in on the device of before, as if nothing had been")
