"""The journey from one app to another on the same device."""

from collections.abc import AsyncIterator

import httpx

from tests.journeys.registration import Step
from tests.journeys.steps import at_home, data, on_device, refused
from tests.support.mailbox import Mailbox
from tests.support.people import register

VALIDATE = "/auth/sso/validate"


async def play(api: httpx.AsyncClient, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError at the first that fails."""
    someone = await register(api, mailbox)
    created = data(await api.post("/auth/sso/create", json={"app": "desk"}, headers=at_home(someone)), 201)
    yield Step("the first app asks for a token for the second")

    body = {"sso_token": created["sso_token"], "app": "desk"}
    session = data(await api.post(VALIDATE, json=body))
    assert session["app"] == "desk"
    yield Step("the second app is signed in with it")

    refused(await api.post(VALIDATE, json=body), "SsoTokenInvalid")
    yield Step("the token works once")

    headers = on_device(session, someone.person.fingerprint)
    sessions = data(await api.get("/auth/session/active", headers=headers))["sessions"]
    assert sorted(each["app"] for each in sessions) == ["decode", "desk"]
    yield Step("both apps are in the list of sessions")
