"""Temporal is away: flows wait, nothing is half-done, and signed-in users notice nothing."""

import asyncio

import httpx
import pytest

from adapters.resources import Resources
from devstack.stack import Stack
from tests.faults.conftest import Whole, ready_without
from tests.faults.outages import away, frozen
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.flows import state_of
from tests.support.graph import names_in_graph, synced
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, begin, new_person, prove
from tests.support.polling import eventually

START = "/auth/register/email-verification"


async def test_flows_are_refused_and_nothing_is_half_done(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, mailbox: Mailbox, whole: Whole
) -> None:
    open_person, late = new_person(), new_person()
    flow = await begin(api, open_person)
    code = await mailbox.code(open_person.email, "create-account")

    async with away(stack, "temporal"):
        started, seen, proved, cancelled = await asyncio.gather(
            api.post(START, json=late.application),
            api.get(f"/flows/{flow['flow_id']}"),
            prove(api, open_person, flow["flow_id"], code, key=open_person.username),
            api.post(f"/flows/{flow['flow_id']}/cancel"),
        )
        held = await is_held(resources, late.username)
        await ready_without(api, "temporal")

    refused = (started, seen, proved, cancelled)
    assert [refusal(each) for each in refused] == [(503, "DependencyUnavailable")] * 4
    assert all(int(each.headers["retry-after"]) > 0 for each in refused)
    assert not held

    await eventually(lambda: is_proved(api, open_person.username, flow["flow_id"], code), within=60)
    await whole(open_person)
    assert (await begin(api, late))["state"] in {"waiting", "running"}


@pytest.mark.defect(45)
async def test_signed_in_users_notice_nothing(stack: Stack, api: httpx.AsyncClient, someone: SignedIn) -> None:
    async with away(stack, "temporal"):
        profile = await api.get("/users/profile/me", headers=someone.bearer)
        refreshed = await api.post("/auth/session/refresh", json={"session_token": someone.session["session_token"]})
        login = await api.post("/auth/login", json=someone.person.credentials)
        name = await api.get("/users/search/existing-username", params={"username": someone.person.username})
        logout = await api.post("/auth/session/logout", json={"session_token": data(login)["session_token"]})

    assert data(profile)["username"] == someone.person.username
    assert data(refreshed)["session_token"] != someone.session["session_token"]
    assert data(name) == {"available": False, "reason": "taken"}
    assert data(logout) is None


async def test_silent_server_is_an_absent_one(stack: Stack, api: httpx.AsyncClient) -> None:
    flow = await begin(api, new_person())

    with frozen(stack, "temporal"):
        started, seen = await asyncio.gather(
            api.post(START, json=new_person().application, timeout=10),
            api.get(f"/flows/{flow['flow_id']}", timeout=10),
        )

    assert refusal(started) == (503, "DependencyUnavailable")
    assert refusal(seen) == (503, "DependencyUnavailable")
    assert await state_of(api, flow["flow_id"]) == "waiting"


async def is_held(resources: Resources, username: str) -> bool:
    key = resources.hashes.username_hold_key(username)
    return await resources.clients.database["holds"].count_documents({"key": key}) > 0


async def is_proved(api: httpx.AsyncClient, username: str, flow_id: str, code: str) -> bool:
    """Whether the repeat with its key is answered with the account."""
    person = new_person(username=username)
    response = await prove(api, person, flow_id, code, key=username)
    return response.status_code == 201


async def test_profile_changed_without_temporal_comes_into_the_graph_when_it_is_back(
    stack: Stack, api: httpx.AsyncClient, resources: Resources
) -> None:
    someone = await make_account(resources)
    user_id = someone.user["_id"]

    async with away(stack, "temporal"):
        changed = data(
            await api.put("/users/profile/display-name", json={"display_name": "Changed"}, headers=someone.bearer)
        )

    assert changed["display_name"] == "Changed"
    await synced(resources, user_id, within=60)
    names = await names_in_graph(resources, user_id)
    assert names is not None
    assert names[1] == "Changed"
