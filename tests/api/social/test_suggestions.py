"""Suggestions: ranking and reasons, accounts that are never suggested, and pages that stay stable."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from domain.social.interests import Interest
from domain.social.suggestions import DISMISSAL_TTL
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account, make_unknown
from tests.support.envelope import data, refusal
from tests.support.graph import graph_user, project
from tests.support.people import SignedIn
from tests.support.relationships import (
    EPOCH_OF_TESTS,
    PERSON_FIELDS,
    block,
    follow,
    ids,
    ids_of,
    make_block,
    make_follow,
    page,
    unfollow,
)

pytestmark = pytest.mark.usefixtures("planned")

SUGGEST = "/relationship/suggest"
UNTIL = "MATCH (:User {user_id: $by})-[d:DISMISSED]->(:User {user_id: $whom}) RETURN d.until AS until"
LET_IT_END = "MATCH (:User {user_id: $by})-[d:DISMISSED]->(:User {user_id: $whom}) SET d.until = 1"


@pytest.fixture
async def friend(resources: Resources, me: SignedIn) -> SignedIn:
    """An account that `me` follows."""
    friend = await make_account(resources)
    await make_follow(resources, me, friend)
    return friend


async def friends_friend(resources: Resources, *friends: SignedIn) -> SignedIn:
    """Return a new account that all of these follow."""
    person = await make_account(resources)
    for friend in friends:
        await make_follow(resources, friend, person)
    return person


async def dismiss(api: httpx.AsyncClient, by: SignedIn, user_id: str) -> httpx.Response:
    return await api.post(f"{SUGGEST}/dismiss", json={"user_id": user_id}, headers=by.bearer)


async def likes(resources: Resources, person: SignedIn, *keys: str) -> None:
    user = await graph_user(resources, person)
    await resources.social.interests.replace(user, [Interest(key) for key in keys], EPOCH_OF_TESTS)


async def suggested(api: httpx.AsyncClient, to: SignedIn) -> list[str]:
    return ids(await page(api, SUGGEST, to, limit=100))


@pytest.mark.defect(81)
async def test_user_followed_by_more_friends_comes_first_with_the_reason(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, friend: SignedIn
) -> None:
    second = await make_account(resources)
    await make_follow(resources, me, second)
    once, twice = await friends_friend(resources, friend), await friends_friend(resources, friend, second)

    found = await page(api, SUGGEST, me)

    assert ids(found) == ids_of(twice, once)
    first = found["users"][0]
    assert first.keys() == PERSON_FIELDS | {"suggestion_reason", "mutual_connections_count", "score"}
    assert first["suggestion_reason"] == "Followed by 2 whom you follow"
    assert [row["mutual_connections_count"] for row in found["users"]] == [2, 1]
    assert first["score"] > found["users"][1]["score"] > 0
    assert found["meta"] == {"total": 2, "page": 0, "limit": 20, "is_last_page": True, "next_cursor": None}


async def test_shared_interests_are_a_reason(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, friend: SignedIn
) -> None:
    known, other = await friends_friend(resources, friend), await make_account(resources)
    await likes(resources, me, "anime_manga", "esports")
    await likes(resources, known, "anime_manga", "esports")
    await likes(resources, other, "esports")

    rows = {row["user_id"]: row for row in (await page(api, SUGGEST, me, limit=100))["users"]}

    reasons = [rows[user_id]["suggestion_reason"] for user_id in ids_of(known, other)]
    assert reasons == [
        "Followed by 1 whom you follow and shares 2 of your interests",
        "Shares 1 of your interests",
    ]


async def test_follow_by_a_friend_with_few_follows_scores_higher(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, friend: SignedIn
) -> None:
    busy = await make_account(resources)
    await make_follow(resources, me, busy)
    of_busy = await friends_friend(resources, busy)
    for _ in range(5):
        await friends_friend(resources, busy)
    chosen = await friends_friend(resources, friend)

    order = await suggested(api, me)

    assert order.index(chosen.user["_id"]) < order.index(of_busy.user["_id"])


async def test_user_with_many_followers_scores_lower(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, friend: SignedIn
) -> None:
    star, quiet = await friends_friend(resources, friend), await friends_friend(resources, friend)
    for _ in range(5):
        await make_follow(resources, await make_account(resources), star)

    assert await suggested(api, me) == ids_of(quiet, star)


async def test_caller_and_followed_users_are_not_suggested(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, friend: SignedIn
) -> None:
    second = await make_account(resources)
    for pair in ((me, second), (friend, second), (friend, me)):
        await make_follow(resources, *pair)

    assert await suggested(api, me) == []


async def test_new_account_gets_no_suggestions(api: httpx.AsyncClient, resources: Resources) -> None:
    newcomer = await make_account(resources)

    found = await page(api, SUGGEST, newcomer)

    assert (found["users"], found["meta"]["total"]) == ([], 0)


@pytest.mark.defect(36)
@pytest.mark.parametrize("by_me", [True, False], ids=["I block them", "they block me"])
async def test_blocked_or_blocking_user_is_not_suggested(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, friend: SignedIn, by_me: bool
) -> None:
    other = await friends_friend(resources, friend)
    await make_block(resources, *((me, other) if by_me else (other, me)))

    assert await suggested(api, me) == []


async def test_newcomer_is_suggested_and_a_deactivated_user_is_not(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, friend: SignedIn, change_user: ChangeUser
) -> None:
    gone, newcomer = await friends_friend(resources, friend), await make_unknown(resources)
    await make_follow(resources, friend, newcomer)
    await change_user(gone.user["_id"], {"is_active": False})
    await project(resources, gone)

    assert await suggested(api, me) == ids_of(newcomer)


async def test_dismissed_user_is_not_suggested_for_ninety_days(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, friend: SignedIn
) -> None:
    other = await friends_friend(resources, friend)
    pair = {"by": me.user["_id"], "whom": other.user["_id"]}

    answers = [data(await dismiss(api, me, other.user["_id"])) for _ in range(2)]
    meanwhile = await suggested(api, me)
    (kept,) = (await resources.clients.neo4j.execute_query(UNTIL, **pair)).records
    await resources.clients.neo4j.execute_query(LET_IT_END, **pair)
    await resources.clients.redis.delete(f"suggestions:{me.user['_id']}")

    left = datetime.fromtimestamp(kept["until"] / 1000, UTC) - datetime.now(UTC)
    assert timedelta(0) < DISMISSAL_TTL - left < timedelta(minutes=1)
    assert (answers, meanwhile) == ([{"dismissed": True}] * 2, [])
    assert await suggested(api, me) == ids_of(other)


async def test_hidden_account_cannot_be_dismissed(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, change_user: ChangeUser
) -> None:
    blocker, gone = await make_account(resources), await make_account(resources)
    await make_block(resources, blocker, me)
    await change_user(gone.user["_id"], {"is_active": False})
    unknown_id = resources.hashes.new_object_id()

    answers = [await dismiss(api, me, user_id) for user_id in (*ids_of(blocker, gone), unknown_id)]

    assert [refusal(each) for each in answers] == [(404, "UserNotFound")] * 3
    assert refusal(await dismiss(api, me, me.user["_id"])) == (422, "CannotTargetSelf")


async def test_pages_are_stable_while_the_graph_changes(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, friend: SignedIn
) -> None:
    for _ in range(6):
        await friends_friend(resources, friend)
    order = await suggested(api, me)

    first = await page(api, SUGGEST, me, limit=2)
    better = await friends_friend(resources, friend)
    await likes(resources, better, "memes")
    second = await page(api, SUGGEST, me, limit=2, page=1)
    third = await page(api, SUGGEST, me, limit=2, cursor=second["meta"]["next_cursor"])

    assert ids(first) + ids(second) + ids(third) == order
    assert third["meta"]["is_last_page"] is True


@pytest.mark.parametrize("action", [follow, block], ids=["follow", "block"])
async def test_next_page_after_a_follow_or_a_block_has_no_gap_or_repeat(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, friend: SignedIn, action: Any
) -> None:
    people = {each.user["_id"]: each for each in [await friends_friend(resources, friend) for _ in range(6)]}
    order = await suggested(api, me)
    first = await page(api, SUGGEST, me, limit=2)

    for user_id in (order[0], order[3]):
        data(await action(api, me, people[user_id]))
    by_number = await page(api, SUGGEST, me, limit=2, page=1)
    by_cursor = await page(api, SUGGEST, me, limit=2, cursor=first["meta"]["next_cursor"])

    assert ids(by_number) == [order[2]]
    assert ids(by_cursor) == [order[2], order[4]]
    assert by_cursor["meta"]["total"] == 4


async def test_first_page_after_a_follow_uses_the_new_friend(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, friend: SignedIn
) -> None:
    known = await friends_friend(resources, friend)
    of_known = await friends_friend(resources, known)
    before = await suggested(api, me)

    data(await follow(api, me, known))

    assert (before, await suggested(api, me)) == (ids_of(known), ids_of(of_known))


async def test_suggestion_without_a_reason_is_not_shown(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, friend: SignedIn
) -> None:
    other = await friends_friend(resources, friend)
    await friends_friend(resources, friend)
    first = await page(api, SUGGEST, me, limit=1)

    data(await unfollow(api, friend, other))
    shown = [*first["users"], *(await page(api, SUGGEST, me, limit=1, page=1))["users"]]

    assert all(row["suggestion_reason"] for row in shown)


@pytest.mark.parametrize("query", [{"page": -1}, {"limit": 101}, {"cursor": "garbage"}, {"page": 101, "limit": 100}])
async def test_invalid_page_is_refused(api: httpx.AsyncClient, someone: SignedIn, query: dict[str, Any]) -> None:
    assert refusal(await api.get(SUGGEST, params=query, headers=someone.bearer)) == (422, "InvalidInput")
