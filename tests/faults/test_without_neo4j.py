"""What users see while Neo4j is away. All tests of this file share one outage: none needs the end of it."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.resources import Resources
from devstack.stack import Stack
from tests.faults.conftest import ready_without
from tests.faults.outages import away, healthy
from tests.support.accounts import make_account
from tests.support.clients import client_of
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn

AWAY = (503, "DependencyUnavailable")


@pytest.fixture(scope="module")
async def me(resources: Resources) -> SignedIn:
    return await make_account(resources)


@pytest.fixture(scope="module")
async def other(resources: Resources) -> SignedIn:
    return await make_account(resources)


@pytest.fixture(scope="module", autouse=True)
async def well(stack: Stack, me: SignedIn, other: SignedIn) -> AsyncIterator[None]:
    """Neo4j is away from after the accounts were made until the last test is done."""
    await healthy(stack)
    async with away(stack, "neo4j"):
        yield
    async with client_of(stack.url("api")) as api:
        await ready_without(api, within=30)


async def test_lists_are_refused_and_not_shown_empty(api: httpx.AsyncClient, me: SignedIn, other: SignedIn) -> None:
    paths = [
        "/relationship/follow/followers/me",
        f"/relationship/follow/followings?user_id={other.user['_id']}",
        "/relationship/suggest",
        f"/relationship/user/{other.user['_id']}",
    ]

    answers = await asyncio.gather(*(api.get(path, headers=me.bearer) for path in paths))

    assert [refusal(each) for each in answers] == [AWAY] * len(paths)


async def test_ones_own_growth_is_shown(api: httpx.AsyncClient, me: SignedIn) -> None:
    last_month, growth = (f"/relationship/snapshot/{what}/{me.user['_id']}" for what in ("last-month", "growth"))

    answers = [await api.get(path, headers=me.bearer) for path in (last_month, growth, f"{growth}.svg")]

    assert [each.status_code for each in answers] == [200] * 3


async def test_growth_of_another_user_is_refused(api: httpx.AsyncClient, me: SignedIn, other: SignedIn) -> None:
    answer = await api.get(f"/relationship/snapshot/last-month/{other.user['_id']}", headers=me.bearer)

    assert refusal(answer) == AWAY


async def test_profile_lacks_its_relations(api: httpx.AsyncClient, me: SignedIn) -> None:
    profile = data(await api.get(f"/users/profile/{me.user['_id']}", headers=me.bearer))

    assert (profile["followers_number"], profile["is_following"], profile["mutual_followers_list"]) == (None,) * 3


async def test_search_is_refused(api: httpx.AsyncClient, me: SignedIn) -> None:
    found = await api.get("/users/search", params={"q": "anna"}, headers=me.bearer)

    assert refusal(found) == AWAY


async def test_profile_can_be_changed(api: httpx.AsyncClient, me: SignedIn) -> None:
    changed = data(await api.put("/users/profile/bio", json={"bio": "still here"}, headers=me.bearer))

    assert changed["bio"] == "still here"
