"""The journey of a user who has forgotten the password."""

from collections.abc import AsyncIterator

import httpx

from tests.journeys.registration import Step
from tests.journeys.steps import at_home, data, refused
from tests.support.mailbox import Mailbox
from tests.support.people import register

NEW = "another long enough phrase"


async def play(api: httpx.AsyncClient, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError at the first that fails."""
    someone = await register(api, mailbox)
    ask = {"email_or_username": someone.person.username}
    flow_id = data(await api.post("/auth/password/forgot/initiate", json=ask), 202)["flow_id"]
    yield Step("say that the password is forgotten", flow_id)

    proof = {"flow_id": flow_id, "code": await mailbox.code(someone.person.email, "forgot-password-verify")}
    assert data(await api.post("/auth/password/forgot/verify-email", json=proof))["next"] == "new_password"
    yield Step("prove the address", flow_id)

    weak = await api.post("/auth/password/forgot/change", json={**proof, "new_password": "password"})
    refused(weak, "WeakPassword")
    yield Step("a weak password is refused, the code stays good", flow_id)

    changed = await api.post("/auth/password/forgot/change", json={**proof, "new_password": NEW})
    assert changed.status_code == 200, changed.text
    await mailbox.letter(someone.person.email, "password-changed")
    yield Step("choose a new password; the owner is told", flow_id)

    refused(await api.get("/users/profile/me", headers=at_home(someone)), "SessionRevoked")
    yield Step("every session has ended")

    data(await api.post("/auth/login", json={**someone.person.credentials, "password": NEW}))
    yield Step("sign in with the new password")
