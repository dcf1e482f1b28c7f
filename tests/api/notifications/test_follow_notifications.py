"""A followed user is notified at once and once; the notification keeps no data of an erased follower."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.resources import Resources
from tests.support.account_deletion import deactivate, reach_deadline, wait_erased
from tests.support.accounts import make_account
from tests.support.envelope import Json, data
from tests.support.graph import graph_users
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.relationships import block
from tests.support.store_scan import KEEPS_IDS, find_words
from tests.support.sweep import SWEPT_SECONDS, trigger_sweep

FOLLOW = "/relationship/follow"


async def follow(api: httpx.AsyncClient, by: SignedIn, whom: SignedIn) -> None:
    data(await api.post(f"{FOLLOW}/following", json={"user_id_to": whom.user["_id"]}, headers=by.bearer))


async def wait_notified(api: httpx.AsyncClient, someone: SignedIn, *, times: int = 1) -> list[Json]:
    """Wait for at least `times` notifications of the account. Returns them, newest first."""

    async def so_much() -> list[Json] | None:
        rows: list[Json] = data(await api.get("/notifications", headers=someone.bearer))["notifications"]
        return rows if len(rows) >= times else None

    return await eventually(so_much)


async def test_followed_user_is_notified(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    follower = await make_account(resources)

    await follow(api, follower, someone)

    (notification,) = await wait_notified(api, someone)
    assert (notification["type"], notification["title"]) == ("new_follow", "You have a new follower")
    assert notification["message"] == f"{follower.person.username} just followed you"
    assert notification["data"] == {"user_id": follower.user["_id"], "username": follower.person.username}


async def test_repeated_follow_is_notified_once(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    follower, other = await make_account(resources), await make_account(resources)

    await follow(api, follower, someone)
    await follow(api, follower, someone)
    await wait_notified(api, someone)
    data(await api.delete(f"{FOLLOW}/unfollow/{someone.user['_id']}", headers=follower.bearer))
    await follow(api, follower, someone)
    await follow(api, other, someone)

    names = [row["data"]["username"] for row in await wait_notified(api, someone, times=2)]
    assert names == [other.person.username, follower.person.username]


async def test_follow_without_a_wake_up_is_notified_by_the_sweep(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    """As if the process had died between the write of the edge and the wake-up."""
    follower = await make_account(resources)
    long_ago = datetime.now(UTC) - timedelta(minutes=1)
    await resources.social.follows.follow(*await graph_users(resources, follower, someone), long_ago)

    async def is_told() -> bool:
        return bool(data(await api.get("/notifications", headers=someone.bearer))["notifications"])

    await trigger_sweep(resources)

    assert await eventually(is_told, within=SWEPT_SECONDS)


@pytest.mark.parametrize("is_blocker", [True, False])
async def test_block_removes_the_follower_from_the_notification(
    is_blocker: bool, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    follower = await make_account(resources)
    await follow(api, follower, someone)
    await wait_notified(api, someone)

    data(await block(api, *((someone, follower) if is_blocker else (follower, someone))))

    (notification,) = await wait_notified(api, someone)
    assert (notification["seq"], notification["data"]) == (1, {})
    assert follower.person.username not in str(notification)


async def test_erased_account_is_removed_from_notifications(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    follower = await make_account(resources)
    await follow(api, follower, someone)
    await wait_notified(api, someone)

    flow_id = await deactivate(api, follower)
    await reach_deadline(resources, follower)
    await wait_erased(api, flow_id)

    (notification,) = await wait_notified(api, someone)
    assert (notification["seq"], notification["data"]) == (1, {})
    assert await find_words(resources, follower.user["_id"]) <= KEEPS_IDS
    assert await find_words(resources, follower.person.username) == set()
