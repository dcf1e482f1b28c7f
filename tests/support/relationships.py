"""Relationships made over HTTP, and users in the graph with relationships at a time of the test's choosing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from adapters.resources import Resources
from tests.support.envelope import data
from tests.support.graph import graph_users
from tests.support.people import SignedIn

FOLLOW = "/relationship/follow"
BLOCK = "/relationship/block"
MUTUAL = "/relationship/mutual/followers"
EPOCH_OF_TESTS = datetime(2026, 1, 1, tzinfo=UTC)
PERSON_FIELDS = {
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


async def make_follow(resources: Resources, actor: SignedIn, target: SignedIn, *, minute: int = 0) -> None:
    """So many minutes after a long time ago."""
    at = EPOCH_OF_TESTS + timedelta(minutes=minute)
    await resources.social.follows.follow(*await graph_users(resources, actor, target), at)


async def make_block(resources: Resources, actor: SignedIn, target: SignedIn, *, minute: int = 0) -> None:
    at = EPOCH_OF_TESTS + timedelta(minutes=minute)
    await resources.social.blocks.block(*await graph_users(resources, actor, target), at)


async def page(api: httpx.AsyncClient, path: str, actor: SignedIn, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = data(await api.get(path, params=query, headers=actor.bearer))
    return found


async def walk(api: httpx.AsyncClient, path: str, actor: SignedIn, **query: Any) -> list[dict[str, Any]]:
    """All pages of a list, by cursor."""
    pages = [await page(api, path, actor, **query)]
    while cursor := pages[-1]["meta"]["next_cursor"]:
        pages.append(await page(api, path, actor, **query, cursor=cursor))
    return pages


async def walk_by_number(api: httpx.AsyncClient, path: str, actor: SignedIn, **query: Any) -> list[dict[str, Any]]:
    """All pages of a list, by number."""
    pages = [await page(api, path, actor, **query)]
    while not pages[-1]["meta"]["is_last_page"]:
        pages.append(await page(api, path, actor, **query, page=len(pages)))
    return pages


def ids(found: dict[str, Any]) -> list[str]:
    return [row["user_id"] for row in found["users"]]


def ids_of(*people: SignedIn) -> list[str]:
    return [person.user["_id"] for person in people]


async def follow(api: httpx.AsyncClient, actor: SignedIn, target: SignedIn) -> httpx.Response:
    return await api.post(f"{FOLLOW}/following", json={"user_id_to": target.user["_id"]}, headers=actor.bearer)


async def unfollow(api: httpx.AsyncClient, actor: SignedIn, target: SignedIn) -> httpx.Response:
    return await api.delete(f"{FOLLOW}/unfollow/{target.user['_id']}", headers=actor.bearer)


async def remove_follower(api: httpx.AsyncClient, actor: SignedIn, target: SignedIn) -> httpx.Response:
    return await api.delete(f"{FOLLOW}/remove-follower/{target.user['_id']}", headers=actor.bearer)


async def block(api: httpx.AsyncClient, actor: SignedIn, target: SignedIn) -> httpx.Response:
    return await api.post(f"{BLOCK}/blocking", json={"user_id_to": target.user["_id"]}, headers=actor.bearer)


async def unblock(api: httpx.AsyncClient, actor: SignedIn, target: SignedIn) -> httpx.Response:
    return await api.delete(f"{BLOCK}/unblocking/{target.user['_id']}", headers=actor.bearer)
