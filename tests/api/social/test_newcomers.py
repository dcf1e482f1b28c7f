"""Users who have just registered and whom the graph does not have yet: they are in every list at once."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from domain.social.interests import Interest
from tests.support.accounts import make_unknown
from tests.support.envelope import data, refusal
from tests.support.graph import names_in_graph
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, begin, new_person, prove_until_answered
from tests.support.relationships import BLOCK, FOLLOW, MUTUAL, block, follow, ids, ids_of, page

pytestmark = pytest.mark.usefixtures("planned")

INSIDE = "/relationship/search"


@pytest.fixture
async def newcomer(resources: Resources) -> SignedIn:
    return await make_unknown(resources)


@pytest.fixture
async def star(resources: Resources) -> SignedIn:
    """Another newcomer, whom the others follow or block."""
    return await make_unknown(resources)


async def shown(api: httpx.AsyncClient, path: str, actor: SignedIn, **query: Any) -> tuple[list[str], int]:
    """The names of a page, and the total."""
    found = await page(api, path, actor, **query)
    return [row["username"] for row in found["users"]], found["meta"]["total"]


async def following(api: httpx.AsyncClient, one: SignedIn, other: SignedIn) -> Sequence[object]:
    """What both see once one of them has followed the other."""
    data(await follow(api, one, other))
    name, others_name = one.person.username, other.person.username
    status = await api.post("/relationship/status", json={"user_ids": ids_of(other)}, headers=one.bearer)
    profile = data(await api.get(f"/users/profile/{other.user['_id']}", headers=one.bearer))
    return [
        await shown(api, f"{FOLLOW}/followings/me", one),
        await shown(api, f"{FOLLOW}/followings", other, user_id=one.user["_id"]),
        await shown(api, f"{INSIDE}/followings", one, params=others_name),
        await shown(api, "/users/search", one, q=others_name),
        name in (await shown(api, f"{FOLLOW}/followers/me", other, limit=100))[0],
        name in (await shown(api, f"{FOLLOW}/followers", one, user_id=other.user["_id"], limit=100))[0],
        await shown(api, f"{INSIDE}/followers", other, params=name),
        await shown(api, "/users/search", other, q=name),
        data(status)["users"][0]["is_following"],
        profile["is_following"],
    ]


def followed(one: SignedIn, other: SignedIn) -> Sequence[object]:
    name, others_name = one.person.username, other.person.username
    return [([others_name], 1)] * 4 + [True, True] + [([name], 1)] * 2 + [True, True]


async def test_follow_between_newcomers_is_in_every_list_at_once(
    api: httpx.AsyncClient, newcomer: SignedIn, star: SignedIn
) -> None:
    assert await following(api, newcomer, star) == followed(newcomer, star)


async def test_twenty_who_register_at_once_are_listed_as_soon_as_they_follow(
    api: httpx.AsyncClient, mailbox: Mailbox, star: SignedIn
) -> None:
    async def arrive() -> bool:
        person = new_person()
        flow = await begin(api, person)
        code = await mailbox.code(person.email, "create-account", within=60)
        registered = data(await prove_until_answered(api, person, flow["flow_id"], code), 201)
        someone = SignedIn(person, flow["flow_id"], registered["user"], registered["session"])
        return await following(api, someone, star) == followed(someone, star)

    exact = await asyncio.gather(*(arrive() for _ in range(20)))

    _, total = await shown(api, f"{FOLLOW}/followers/me", star)
    assert (exact, total) == ([True] * 20, 20)


async def test_block_between_newcomers_is_listed_and_undoes_the_follow_at_once(
    api: httpx.AsyncClient, newcomer: SignedIn, star: SignedIn
) -> None:
    await follow(api, newcomer, star)

    data(await block(api, newcomer, star))

    assert await shown(api, f"{BLOCK}/blocked", newcomer) == ([star.person.username], 1)
    assert await shown(api, f"{FOLLOW}/followings/me", newcomer) == ([], 0)
    assert await shown(api, f"{FOLLOW}/followers/me", star) == ([], 0)
    assert await shown(api, "/users/search", newcomer, q=star.person.username) == ([], 0)


async def test_newcomer_is_a_mutual_follower_at_once(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, newcomer: SignedIn, star: SignedIn
) -> None:
    await follow(api, someone, newcomer)
    await follow(api, newcomer, star)

    profile = data(await api.get(f"/users/profile/{star.user['_id']}", headers=someone.bearer))

    assert await shown(api, f"{MUTUAL}/{star.user['_id']}", someone) == ([newcomer.person.username], 1)
    assert [row["username"] for row in profile["mutual_followers_list"]] == [newcomer.person.username]
    assert profile["mutual_followers_number"] == 1


async def test_newcomer_is_found_by_shared_interests_at_once(
    api: httpx.AsyncClient, newcomer: SignedIn, star: SignedIn
) -> None:
    wanted = {"interest": [Interest.AI, Interest.NETWORKING]}
    data(await api.put("/relationship/interest", json=wanted, headers=newcomer.bearer))
    data(await api.post("/relationship/interest/create", json=wanted, headers=star.bearer))

    found = await page(api, "/relationship/interest/suggest-user", newcomer, limit=100)

    assert star.user["_id"] in ids(found)


async def test_dismissed_newcomer_has_the_whole_profile(
    api: httpx.AsyncClient, resources: Resources, newcomer: SignedIn, star: SignedIn
) -> None:
    dismissal = {"user_id": star.user["_id"]}

    data(await api.post("/relationship/suggest/dismiss", json=dismissal, headers=newcomer.bearer))

    written = [await names_in_graph(resources, person.user["_id"]) for person in (newcomer, star)]
    assert written == [(person.person.username, person.person.username, None, "user") for person in (newcomer, star)]


async def test_new_name_is_in_the_list_after_the_next_follow(
    api: httpx.AsyncClient, resources: Resources, newcomer: SignedIn, star: SignedIn
) -> None:
    """The account is read anew: no session that is cached decides what the node shows."""
    data(await api.get("/users/profile/me", headers=newcomer.bearer))
    change = {"$set": {"display_name": "Newer"}, "$inc": {"profile_version": 1}}
    await resources.clients.database["users"].update_one({"_id": ObjectId(newcomer.user["_id"])}, change)

    await follow(api, newcomer, star)

    (row,) = (await page(api, f"{FOLLOW}/followers/me", star))["users"]
    assert row["display_name"] == "Newer"


async def test_account_that_is_gone_comes_back_by_no_edge(
    api: httpx.AsyncClient, resources: Resources, newcomer: SignedIn, star: SignedIn
) -> None:
    """Erased while a session of theirs is cached."""
    data(await api.get("/users/profile/me", headers=newcomer.bearer))
    await resources.clients.database["users"].delete_one({"_id": ObjectId(newcomer.user["_id"])})

    answers = [
        await follow(api, newcomer, star),
        await block(api, newcomer, star),
        await api.put("/relationship/interest", json={"interest": []}, headers=newcomer.bearer),
    ]

    assert [refusal(answer) for answer in answers] == [(401, "NotAuthenticated")] * 3
    assert await names_in_graph(resources, newcomer.user["_id"]) is None
    assert await names_in_graph(resources, star.user["_id"]) is None


async def test_follow_takes_no_name_back(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, star: SignedIn
) -> None:
    """As when another process has written a newer profile between the read and the write."""
    await resources.clients.neo4j.execute_query(
        "MATCH (u:User {user_id: $id}) SET u.display_name = 'Newer', u.profile_version = 9", id=someone.user["_id"]
    )

    await follow(api, someone, star)

    written = await names_in_graph(resources, someone.user["_id"])
    assert written is not None
    assert written[1] == "Newer"
