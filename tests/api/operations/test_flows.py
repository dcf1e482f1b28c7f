"""Reading and cancelling a flow, in each state of a flow."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from adapters.resources import Resources
from tests.api.conftest import BeginAt, seen_off
from tests.support.envelope import Json, data, fields, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, begin, new_person, prove
from tests.support.polling import eventually

FLOW = {"flow_id", "kind", "state", "next", "expires_at", "attempts_left", "resend_available_at"}
UNKNOWN = "r" + "A" * 32
MALFORMED = [
    "r",
    "nonsense",
    "r" + "A" * 33,
    "s" + "A" * 32,
    "r" + "A" * 31 + "%2F",
    "%00",
    "r" + "%C3%A9" * 32,
    "..%2f",
]


async def look(api: httpx.AsyncClient, flow_id: str) -> Json:
    flow: Json = data(await api.get(f"/flows/{flow_id}"))
    return flow


async def guess(api: httpx.AsyncClient, flow_id: str) -> httpx.Response:
    return await api.post("/auth/register/verify-email", json={"flow_id": flow_id, "code": "222222"})


@pytest.fixture
async def cancelled(api: httpx.AsyncClient, quiet_flow: str) -> str:
    await api.post(f"/flows/{quiet_flow}/cancel")
    return quiet_flow


@pytest.fixture
async def locked(api: httpx.AsyncClient, quiet_flow: str) -> str:
    await asyncio.gather(*(guess(api, quiet_flow) for _ in range(5)))
    return quiet_flow


@pytest.fixture
async def expired(api: httpx.AsyncClient, begin_aged: BeginAt) -> str:
    flow_id = await begin_aged(new_person(), life=timedelta(seconds=1))

    async def is_over() -> bool:
        return bool((await look(api, flow_id))["state"] == "expired")

    await eventually(is_over)
    return flow_id


async def test_open_flow_shows_what_it_waits_for(api: httpx.AsyncClient) -> None:
    begun = await begin(api, new_person())

    assert await look(api, begun["flow_id"]) == begun


async def test_flow_shows_neither_username_nor_email_address(api: httpx.AsyncClient) -> None:
    person = new_person()
    begun = await begin(api, person)

    response = await api.get(f"/flows/{begun['flow_id']}")

    assert data(response).keys() == FLOW
    assert person.username not in response.text
    assert person.email not in response.text


async def test_completed_flow_has_state_completed(api: httpx.AsyncClient, registered: SignedIn) -> None:
    flow = await look(api, registered.flow_id)

    assert (flow["state"], flow["next"], flow["expires_at"]) == ("completed", None, None)


async def test_locked_flow_has_state_locked(api: httpx.AsyncClient, locked: str) -> None:
    flow = await look(api, locked)

    assert (flow["state"], flow["next"], flow["attempts_left"]) == ("locked", None, 0)


async def test_expired_flow_has_state_expired(api: httpx.AsyncClient, expired: str) -> None:
    flow = await look(api, expired)

    assert (flow["state"], flow["next"], flow["resend_available_at"]) == ("expired", None, None)


@pytest.mark.parametrize("flow_id", [UNKNOWN, *MALFORMED])
async def test_unknown_flow_is_not_found(api: httpx.AsyncClient, flow_id: str) -> None:
    response = await api.get(f"/flows/{flow_id}")

    assert response.status_code == 404
    assert response.json()["error"] in {"FlowNotFound", "NotFound"}


@pytest.mark.parametrize("flow_id", [UNKNOWN, *MALFORMED])
async def test_cancel_of_an_unknown_flow_is_not_found(api: httpx.AsyncClient, flow_id: str) -> None:
    response = await api.post(f"/flows/{flow_id}/cancel")

    assert response.status_code == 404
    assert response.json()["error"] in {"FlowNotFound", "NotFound"}


async def test_cancel_ends_the_flow_and_frees_the_name(api: httpx.AsyncClient, resources: Resources) -> None:
    person = new_person()
    begun = await begin(api, person)
    await seen_off(resources, begun["flow_id"])

    flow = data(await api.post(f"/flows/{begun['flow_id']}/cancel"))

    assert flow.keys() == FLOW
    assert (flow["flow_id"], flow["state"], flow["next"]) == (begun["flow_id"], "cancelled", None)
    assert (await begin(api, person))["state"] == "waiting"


async def test_cancel_accepts_an_empty_object(api: httpx.AsyncClient, quiet_flow: str) -> None:
    response = await api.post(f"/flows/{quiet_flow}/cancel", json={})

    assert data(response)["state"] == "cancelled"


async def test_cancel_with_an_unknown_field_is_refused(api: httpx.AsyncClient, quiet_flow: str) -> None:
    response = await api.post(f"/flows/{quiet_flow}/cancel", json={"reason": "changed my mind"})

    assert fields(response) == {"body.reason"}
    assert (await look(api, quiet_flow))["state"] == "waiting"


async def test_second_cancel_changes_nothing(api: httpx.AsyncClient, cancelled: str) -> None:
    response = await api.post(f"/flows/{cancelled}/cancel")

    assert data(response)["state"] == "cancelled"


async def test_parallel_cancels_all_succeed(api: httpx.AsyncClient, quiet_flow: str) -> None:
    responses = await asyncio.gather(*(api.post(f"/flows/{quiet_flow}/cancel") for _ in range(10)))

    assert {data(each)["state"] for each in responses} == {"cancelled"}


async def test_completed_flow_cannot_be_cancelled(api: httpx.AsyncClient, registered: SignedIn) -> None:
    response = await api.post(f"/flows/{registered.flow_id}/cancel")

    assert refusal(response) == (409, "FlowClosed")
    assert data(await api.get("/users/profile/me", headers=registered.bearer))


async def test_expired_flow_cannot_be_cancelled(api: httpx.AsyncClient, expired: str) -> None:
    assert refusal(await api.post(f"/flows/{expired}/cancel")) == (410, "FlowExpired")


async def test_locked_flow_cannot_be_cancelled(api: httpx.AsyncClient, locked: str) -> None:
    assert refusal(await api.post(f"/flows/{locked}/cancel")) == (429, "AttemptsExhausted")


async def test_cancelled_flow_accepts_no_further_step(api: httpx.AsyncClient, cancelled: str) -> None:
    verified = await guess(api, cancelled)
    resent = await api.post("/auth/register/send-email-verification", json={"flow_id": cancelled})

    assert refusal(verified) == (409, "FlowClosed")
    assert refusal(resent) == (409, "FlowClosed")


async def test_used_code_is_refused(api: httpx.AsyncClient, mailbox: Mailbox, registered: SignedIn) -> None:
    code = await mailbox.code(registered.person.email, "create-account")

    verified = await prove(api, registered.person, registered.flow_id, code)
    resent = await api.post("/auth/register/send-email-verification", json={"flow_id": registered.flow_id})

    assert refusal(verified) == (409, "FlowClosed")
    assert refusal(resent) == (409, "FlowClosed")
