"""Single sign-on: a session of another app by a one-time token."""

import asyncio

import httpx
import pytest

from adapters.resources import Resources
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn
from tests.support.signed_in import on_device, turn_on_second_factor, with_second_factor

CREATE = "/auth/sso/create"
VALIDATE = "/auth/sso/validate"
DESK = "desk"
INVALID = (401, "SsoTokenInvalid")


async def token_for(api: httpx.AsyncClient, someone: SignedIn, app: str = DESK) -> dict[str, str]:
    """Return the body of a validation with a new token."""
    created = data(await api.post(CREATE, json={"app": app}, headers=on_device(someone)), 201)
    assert created["expires_in"] == 60
    return {"sso_token": created["sso_token"], "app": app}


async def test_token_opens_a_session_of_its_app_on_the_same_device(api: httpx.AsyncClient, someone: SignedIn) -> None:
    session = data(await api.post(VALIDATE, json=await token_for(api, someone)))

    assert session["app"] == DESK
    assert session["device_fingerprint_id"] == someone.session["device_fingerprint_id"]
    assert len(data(await api.get("/auth/session/active", headers=on_device(someone, session)))["sessions"]) == 2


@pytest.mark.defect(22)
async def test_concurrent_redemptions_of_one_token_open_one_session(api: httpx.AsyncClient, someone: SignedIn) -> None:
    body = await token_for(api, someone)

    answers = await asyncio.gather(*(api.post(VALIDATE, json=body) for _ in range(50)))

    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 49]


@pytest.mark.defect(11)
async def test_token_is_for_one_app(api: httpx.AsyncClient, someone: SignedIn) -> None:
    body = await token_for(api, someone)

    assert refusal(await api.post(VALIDATE, json={**body, "app": "another"})) == INVALID


@pytest.mark.parametrize("garbage", ["garbage", "", "x" * 5_000], ids=["a word", "nothing", "endless"])
async def test_garbage_token_is_invalid(api: httpx.AsyncClient, garbage: str) -> None:
    assert refusal(await api.post(VALIDATE, json={"sso_token": garbage, "app": DESK})) == INVALID


async def test_token_ends_with_its_session(api: httpx.AsyncClient, someone: SignedIn) -> None:
    body = await token_for(api, someone)
    data(await api.post("/auth/session/logout", json={"session_token": someone.session["session_token"]}))

    assert refusal(await api.post(VALIDATE, json=body)) == INVALID


async def test_expired_token_opens_nothing(api: httpx.AsyncClient, someone: SignedIn, resources: Resources) -> None:
    body = await token_for(api, someone)
    stored = {"hash": resources.hashes.sso_ticket_hash(DESK, body["sso_token"])}
    tickets = resources.clients.database["tickets"]
    ticket = await tickets.find_one(stored)
    assert ticket is not None
    await tickets.update_one(stored, {"$set": {"expires_at": ticket["_id"].generation_time}})

    assert refusal(await api.post(VALIDATE, json=body)) == INVALID


async def test_session_without_the_second_factor_opens_no_other_once_there_is_one(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    body = await token_for(api, someone)
    await turn_on_second_factor(api, resources, someone)

    before, after = await api.post(VALIDATE, json=body), await api.post(VALIDATE, json=await token_for(api, someone))

    assert [refusal(each) for each in (before, after)] == [INVALID, INVALID]


@pytest.mark.defect(20)
async def test_second_factor_is_in_the_amr_of_the_new_session(api: httpx.AsyncClient, resources: Resources) -> None:
    someone, authenticator = await with_second_factor(api, resources)
    flow = data(await api.post("/auth/login", json=someone.person.credentials), 202)
    otp = await authenticator.next_otp()
    session = data(await api.post("/auth/2fa/login", json={"flow_id": flow["flow_id"], "otp": otp}))
    created = data(await api.post(CREATE, json={"app": DESK}, headers=on_device(someone, session)), 201)

    carried = data(await api.post(VALIDATE, json={"sso_token": created["sso_token"], "app": DESK}))
    body = {"access_token": carried["access_token"]}

    assert data(await api.post("/auth/session/validate-access", json=body))["amr"] == ["pwd", "otp"]
