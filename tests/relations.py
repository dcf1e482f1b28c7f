"""What people do to each other over HTTP."""

import httpx

from tests.people import SignedIn

FOLLOW = "/relationship/follow"
BLOCK = "/relationship/block"


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
