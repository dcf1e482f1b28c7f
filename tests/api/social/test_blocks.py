"""Blocks: atomic with the removal of follows, in both directions, and removed without a trace."""

import asyncio

import httpx
import pytest

from adapters.resources import Resources
from tests.api.conftest import ChangeUser
from tests.support.envelope import data, refusal
from tests.support.graph import edges, kinds
from tests.support.people import SignedIn
from tests.support.relationships import BLOCK, block, follow, unblock


@pytest.mark.defect(53)
async def test_block_removes_both_follows(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    await follow(api, someone, other)
    await follow(api, other, someone)

    assert data(await block(api, someone, other)) == {"blocked": True, "changed": True}

    ((kind, facts),) = await edges(resources, someone, other)
    assert kind == "BLOCKED"
    assert facts.keys() == {"from_id", "to_id", "created_at"}
    assert await kinds(resources, other, someone) == []


async def test_block_removes_paused_follows(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    await follow(api, someone, other)
    await follow(api, other, someone)
    await resources.social.follows.pause(other.user["_id"], limit=10)

    data(await block(api, someone, other))

    assert await kinds(resources, someone, other) == ["BLOCKED"]
    assert await kinds(resources, other, someone) == []


@pytest.mark.defect(84)
async def test_two_users_can_block_each_other(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    answers = [data(await block(api, *pair))["changed"] for pair in ((someone, other), (other, someone))]

    assert answers == [True, True]
    assert await kinds(resources, someone, other) == await kinds(resources, other, someone) == ["BLOCKED"]


async def test_hundred_concurrent_blocks_in_both_directions_are_two_edges(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    pairs = [(someone, other), (other, someone)] * 50

    answers = await asyncio.gather(*(block(api, *pair) for pair in pairs))

    assert sum(data(each)["changed"] for each in answers) == 2
    assert await kinds(resources, someone, other) == await kinds(resources, other, someone) == ["BLOCKED"]


@pytest.mark.parametrize("attempt", range(5))
async def test_concurrent_follows_and_blocks_leave_no_follow_beside_a_block(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn, attempt: int
) -> None:
    follows = [follow(api, *pair) for pair in ((someone, other), (other, someone)) for _ in range(10)]

    answers = await asyncio.gather(*follows[:10], block(api, someone, other), *follows[10:])

    assert {each.status_code for each in answers} <= {200, 404, 409}
    assert await kinds(resources, someone, other) == ["BLOCKED"]
    assert await kinds(resources, other, someone) == []


async def test_unblock_restores_no_follow_but_allows_a_new_one(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    await follow(api, other, someone)
    await block(api, someone, other)

    answers = [data(await unblock(api, someone, other)) for _ in range(2)]

    assert answers == [{"changed": True}, {"changed": False}]
    assert await kinds(resources, someone, other) == await kinds(resources, other, someone) == []
    assert data(await follow(api, other, someone))["changed"] is True


async def test_unblock_keeps_the_block_of_the_other_user(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    await block(api, other, someone)

    assert data(await unblock(api, someone, other)) == {"changed": False}

    assert await kinds(resources, other, someone) == ["BLOCKED"]


async def test_blocking_oneself_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    answers = [await block(api, someone, someone), await unblock(api, someone, someone)]

    assert [refusal(each) for each in answers] == [(422, "CannotTargetSelf")] * 2


async def test_unknown_and_deactivated_accounts_are_not_found(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn, change_user: ChangeUser
) -> None:
    await change_user(other.user["_id"], {"is_active": False})
    unknown = {"user_id_to": resources.hashes.new_object_id()}

    answers = [
        await block(api, someone, other),
        await api.post(f"{BLOCK}/blocking", json=unknown, headers=someone.bearer),
    ]

    assert [refusal(each) for each in answers] == [(404, "UserNotFound")] * 2


async def test_unblocking_an_unknown_account_changes_nothing(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    unknown_id = resources.hashes.new_object_id()

    assert data(await api.delete(f"{BLOCK}/unblocking/{unknown_id}", headers=someone.bearer)) == {"changed": False}
