"""The journey with a second factor: turn it on, sign in with it, lose it, get in with a recovery code, turn it off."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pyotp

from tests.journeys.registration import Step
from tests.journeys.steps import at_home, data, on_device, refused
from tests.support.mailbox import Mailbox
from tests.support.people import register


async def play(api: httpx.AsyncClient, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError at the first that fails."""
    someone = await register(api, mailbox)
    authenticator = pyotp.TOTP(data(await api.post("/auth/2fa/setup", headers=at_home(someone)))["otp_secret"])
    first = {"otp": authenticator.now()}
    codes = data(await api.post("/auth/2fa/enable", json=first, headers=at_home(someone)))["recovery_codes"]
    await mailbox.letter(someone.person.email, "two-factor-changed")
    yield Step("turn the second factor on")

    flow_id = await _begin(api, someone.person.credentials)
    refused(await api.post("/auth/2fa/login", json={"flow_id": flow_id, **first}), "WrongCode")
    yield Step("a one-time password works once", flow_id)

    otp = authenticator.at(datetime.now(UTC), counter_offset=1)
    data(await api.post("/auth/2fa/login", json={"flow_id": flow_id, "otp": otp}))
    yield Step("sign in with the next one", flow_id)

    flow_id = await _begin(api, someone.person.credentials)
    recovered = data(await api.post("/auth/2fa/login", json={"flow_id": flow_id, "recovery_code": codes[0]}))
    yield Step("without the authenticator, sign in by recovery code", flow_id)

    headers = on_device(recovered, someone.person.fingerprint)
    data(await api.post("/auth/2fa/disable", json={"recovery_code": codes[1]}, headers=headers))
    await mailbox.letter(someone.person.email, "two-factor-changed", number=2)
    yield Step("turn the second factor off")

    data(await api.post("/auth/login", json=someone.person.credentials))
    yield Step("sign in with the password alone")


async def _begin(api: httpx.AsyncClient, credentials: dict[str, str]) -> str:
    flow = data(await api.post("/auth/login", json=credentials), 202)
    assert flow["next"] == "otp"
    return str(flow["flow_id"])
