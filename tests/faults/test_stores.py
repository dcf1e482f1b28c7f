"""A store is away: what needs it waits or is refused, all else works, and what was accepted happens."""

import asyncio

import httpx
import pytest

from devstack.stack import Stack
from tests.faults.conftest import Whole, ready_without
from tests.faults.outages import away, frozen
from tests.support.envelope import data, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, begin, new_person, prove, register
from tests.support.polling import eventually


@pytest.mark.defect(42)
async def test_without_neo4j_users_register_and_are_synced_to_the_graph_later(
    stack: Stack, api: httpx.AsyncClient, mailbox: Mailbox, whole: Whole
) -> None:
    person = new_person()

    async with away(stack, "neo4j"):
        registered = await register(api, mailbox, person)
        profile = data(await api.get("/users/profile/me", headers=registered.bearer))
        await ready_without(api, "neo4j")

    assert (profile["following_number"], profile["followers_number"]) == (None, None)
    assert profile["username"] == person.username
    await whole(person)

    async def is_counted() -> bool:
        profile = data(await api.get("/users/profile/me", headers=registered.bearer))
        return (profile["following_number"], profile["followers_number"]) == (0, 0)

    await eventually(is_counted)


async def test_silent_neo4j_delays_no_request(stack: Stack, api: httpx.AsyncClient, someone: SignedIn) -> None:
    await asyncio.gather(*(api.get("/users/profile/me", headers=someone.bearer) for _ in range(3)))

    with frozen(stack, "neo4j"):
        profiles = await asyncio.gather(
            *(api.get("/users/profile/me", headers=someone.bearer, timeout=8) for _ in range(3))
        )

    assert [data(each)["followers_number"] for each in profiles] == [None] * 3


async def test_more_requests_than_connections_to_a_silent_neo4j_see_no_error(
    stack: Stack, api: httpx.AsyncClient, someone: SignedIn
) -> None:
    crowd = httpx.AsyncClient(base_url=api.base_url, timeout=8, limits=httpx.Limits(max_connections=150))

    with frozen(stack, "neo4j"):
        async with crowd:
            profiles = await asyncio.gather(
                *(crowd.get("/users/profile/me", headers=someone.bearer) for _ in range(150))
            )

    assert {each.status_code for each in profiles} == {200}


async def test_without_redis_everything_works(
    stack: Stack, api: httpx.AsyncClient, mailbox: Mailbox, whole: Whole
) -> None:
    person = new_person()

    async with away(stack, "redis"):
        registered = await register(api, mailbox, person)
        profile = data(await api.get("/users/profile/me", headers=registered.bearer))
        name = data(await api.get("/users/search/existing-username", params={"username": person.username}))
        await whole(person)
        token = registered.session["session_token"]
        refreshed = data(await api.post("/auth/session/refresh", json={"session_token": token}))
        data(await api.post("/auth/login", json=person.credentials))
        data(await api.post("/auth/session/logout", json={"session_token": refreshed["session_token"]}))
        flow = await begin(api, new_person())
        cancelled = data(await api.post(f"/flows/{flow['flow_id']}/cancel"))
        await ready_without(api, "redis")

    assert profile["is_online"] is False
    assert name["available"] is False
    assert cancelled["state"] == "cancelled"


async def test_without_mongodb_requests_are_refused_and_the_process_lives(
    stack: Stack, api: httpx.AsyncClient, someone: SignedIn
) -> None:
    token = {"session_token": someone.session["session_token"]}

    async with away(stack, "mongodb"):
        refused = await asyncio.gather(
            api.post("/auth/register/email-verification", json=new_person().application),
            api.post("/auth/login", json=someone.person.credentials),
            api.post("/auth/session/logout", json=token),
            api.get("/users/search/existing-username", params={"username": someone.person.username}),
            *(api.post("/auth/session/refresh", json=token) for _ in range(5)),
            *(api.get("/users/profile/me", headers=someone.bearer) for _ in range(5)),
        )
        ready = await eventually(lambda: not_ready(api))
        alive = await asyncio.gather(api.get("/health/live"), api.get("/health"), api.get("/.well-known/jwks.json"))

    assert [refusal(each) for each in (*refused, ready)] == [(503, "DependencyUnavailable")] * 15
    assert all(int(each.headers["retry-after"]) > 0 for each in (*refused, ready))
    assert [each.status_code for each in alive] == [200, 200, 200]


@pytest.mark.defect(54)
async def test_code_typed_without_mongodb_makes_one_account_when_it_is_back(
    stack: Stack, api: httpx.AsyncClient, mailbox: Mailbox, whole: Whole
) -> None:
    person = new_person()
    flow = await begin(api, person)
    code = await mailbox.code(person.email, "create-account")

    async with away(stack, "mongodb"):
        typed = await prove(api, person, flow["flow_id"], code, key=person.username)

    assert typed.status_code in {202, 503}

    async def is_made() -> bool:
        return (await prove(api, person, flow["flow_id"], code, key=person.username)).status_code == 201

    await eventually(is_made, within=60)
    await whole(person)


async def not_ready(api: httpx.AsyncClient) -> httpx.Response | None:
    """The API's readiness response once it has seen that it cannot work."""
    response = await api.get("/health/ready")
    return response if response.status_code != 200 else None
