"""The journey onto a new device: the password is not enough, the mailed code is, and from then on the password is."""

from collections.abc import AsyncIterator

import httpx

from tests.journeys.registration import Step
from tests.journeys.steps import at_home, data, elsewhere
from tests.support.mailbox import Mailbox
from tests.support.people import register


async def play(api: httpx.AsyncClient, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError at the first that fails."""
    someone = await register(api, mailbox)
    login = elsewhere(someone.person)
    flow = data(await api.post("/auth/login", json=login), 202)
    assert flow["next"] == "device_code"
    yield Step("type the password on a new device", flow["flow_id"])

    code = await mailbox.code(someone.person.email, "fingerprint-verify")
    yield Step("the device's code is in the mailbox", flow["flow_id"])

    proof = {"flow_id": flow["flow_id"], "code": code}
    data(await api.post("/auth/login/fingerprint/email-verification", json=proof))
    yield Step("prove the device, be signed in", flow["flow_id"])

    data(await api.post("/auth/login", json=login))
    yield Step("sign in there again, without a code")

    devices = data(await api.get("/auth/fingerprints", headers=at_home(someone)))["devices"]
    phone = next(device for device in devices if device["device"] == "Phone")
    revoke = {"device_fingerprint_id": phone["_id"], "current_password": someone.person.password}
    data(await api.post("/auth/fingerprints/revoke", json=revoke, headers=at_home(someone)))
    await mailbox.letter(someone.person.email, "device-changed")
    yield Step("stop trusting the device")

    assert data(await api.post("/auth/login", json=login), 202)["next"] == "device_code"
    yield Step("the device must be proved again")
