"""What people do to each other over HTTP, and people in the graph who have done it at a time of the test's choosing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.envelope import data
from tests.support.graph import project
from tests.support.people import SignedIn

FOLLOW = "/relationship/follow"
BLOCK = "/relationship/block"
MUTUAL = "/relationship/mutual/followers"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
G = {
    "user_id",
    "username",
    "role",
    "display_name",
    "avatar_ipfs_hash",
    "following_number",
    "followers_number",
    "is_following",
    "is_follower",
    "is_blocked",
    "mutual_followers_number",
}
"""The fields of what the contract names G, exactly."""


async def in_graph(resources: Resources) -> SignedIn:
    """Somebody with an account and a named node."""
    person = await make_account(resources)
    await project(resources, person)
    return person


async def followed(resources: Resources, by: SignedIn, whom: SignedIn, *, minute: int = 0) -> None:
    """So many minutes after a long time ago."""
    at = LONG_AGO + timedelta(minutes=minute)
    await resources.social.follows.follow(by.user["_id"], whom.user["_id"], at)


async def blocked(resources: Resources, by: SignedIn, whom: SignedIn, *, minute: int = 0) -> None:
    at = LONG_AGO + timedelta(minutes=minute)
    await resources.social.blocks.block(by.user["_id"], whom.user["_id"], at)


async def page(api: httpx.AsyncClient, path: str, by: SignedIn, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = data(await api.get(path, params=query, headers=by.bearer))
    return found


def ids(found: dict[str, Any]) -> list[str]:
    return [row["user_id"] for row in found["users"]]


def ids_of(*people: SignedIn) -> list[str]:
    return [person.user["_id"] for person in people]


async def follow(api: httpx.AsyncClient, by: SignedIn, whom: SignedIn) -> httpx.Response:
    return await api.post(f"{FOLLOW}/following", json={"user_id_to": whom.user["_id"]}, headers=by.bearer)


async def unfollow(api: httpx.AsyncClient, by: SignedIn, whom: SignedIn) -> httpx.Response:
    return await api.delete(f"{FOLLOW}/unfollow/{whom.user['_id']}", headers=by.bearer)


async def remove_follower(api: httpx.AsyncClient, by: SignedIn, whom: SignedIn) -> httpx.Response:
    return await api.delete(f"{FOLLOW}/remove-follower/{whom.user['_id']}", headers=by.bearer)


async def block(api: httpx.AsyncClient, by: SignedIn, whom: SignedIn) -> httpx.Response:
    return await api.post(f"{BLOCK}/blocking", json={"user_id_to": whom.user["_id"]}, headers=by.bearer)


async def unblock(api: httpx.AsyncClient, by: SignedIn, whom: SignedIn) -> httpx.Response:
    return await api.delete(f"{BLOCK}/unblocking/{whom.user['_id']}", headers=by.bearer)
