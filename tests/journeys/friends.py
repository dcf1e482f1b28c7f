"""The journey of three users who follow, suggest and block: Ann follows Ben, Ben follows Cay."""

from collections.abc import AsyncIterator

import httpx

from tests.journeys.registration import Step
from tests.journeys.steps import Json, data, refused
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, register
from tests.support.polling import eventually
from tests.support.relationships import BLOCK, FOLLOW, MUTUAL

SUGGEST = "/relationship/suggest"
INTEREST = "/relationship/interest"


async def play(api: httpx.AsyncClient, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError at the first that fails."""
    ann, ben, cay = [await register(api, mailbox) for _ in range(3)]
    assert await _follow(api, ann, ben) is True
    assert await _follow(api, ann, ben) is False
    yield Step("follow a user who has just registered, once", ann.flow_id)

    await _follow(api, ben, cay)
    suggested = await eventually(lambda: _row_of(api, ann, cay, SUGGEST))
    assert suggested["suggestion_reason"] == "Followed by 1 whom you follow"
    yield Step("a friend's friend is suggested, and why")

    await _follow(api, ann, cay)
    assert await _row_of(api, cay, ann, f"{FOLLOW}/followers/me")
    assert await _row_of(api, ann, ben, f"{MUTUAL}/{cay.user['_id']}")
    yield Step("follow them; the friend is a follower whom one knows")

    for someone in (ben, cay):
        data(await api.put(INTEREST, json={"interest": ["open_source", "esports"]}, headers=someone.bearer))
    found = await eventually(lambda: _row_of(api, cay, ben, f"{INTEREST}/suggest-user"))
    assert found["shared_interests"] == ["esports", "open_source"]
    yield Step("a user with the same interests is found")

    data(await api.post(f"{BLOCK}/blocking", json={"user_id_to": ann.user["_id"]}, headers=cay.bearer))
    refused(await api.get(f"/users/profile/{cay.user['_id']}", headers=ann.bearer), "UserNotFound")
    assert await _row_of(api, ann, cay, f"{FOLLOW}/followings/me") is None
    assert await _row_of(api, ann, cay, SUGGEST) is None
    yield Step("who is blocked meets the blocker nowhere")

    data(await api.delete(f"{BLOCK}/unblocking/{ann.user['_id']}", headers=cay.bearer))
    assert await _follow(api, ann, cay) is True
    yield Step("unblocked, they may follow again")


async def _follow(api: httpx.AsyncClient, actor: SignedIn, target: SignedIn) -> bool:
    """Whether that was new."""
    body = {"user_id_to": target.user["_id"]}
    return bool(data(await api.post(f"{FOLLOW}/following", json=body, headers=actor.bearer))["changed"])


async def _row_of(api: httpx.AsyncClient, actor: SignedIn, target: SignedIn, path: str) -> Json | None:
    """Return a user's row in a list, as shown to `actor`."""
    rows: list[Json] = data(await api.get(path, params={"limit": 100}, headers=actor.bearer))["users"]
    return next((row for row in rows if row["user_id"] == target.user["_id"]), None)
