"""The journey of a session token that was copied."""

from collections.abc import AsyncIterator

import httpx

from tests.journeys.registration import Step
from tests.journeys.steps import data, on_device, refused
from tests.support.mailbox import Mailbox
from tests.support.people import register

REFRESH = "/auth/session/refresh"


async def play(api: httpx.AsyncClient, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError at the first that fails."""
    someone = await register(api, mailbox)
    copied = {"session_token": someone.session["session_token"]}
    first = data(await api.post(REFRESH, json=copied))
    second = data(await api.post(REFRESH, json={"session_token": first["session_token"]}))
    yield Step("the owner goes on refreshing")

    refused(await api.post(REFRESH, json=copied), "SessionReused")
    yield Step("the thief comes with the copied token")

    headers = on_device(second, someone.person.fingerprint)
    refused(await api.get("/users/profile/me", headers=headers), "SessionRevoked")
    await mailbox.letter(someone.person.email, "session-reuse-warning")
    yield Step("the session has ended for both; the owner is told")

    session = data(await api.post("/auth/login", json=someone.person.credentials))
    headers = on_device(session, someone.person.fingerprint)
    events = data(await api.get("/auth/security-events", headers=headers))["events"]
    assert "session_reused" in [event["kind"] for event in events]
    yield Step("the owner signs in and finds it in the list of events")
