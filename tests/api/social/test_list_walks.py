"""Walks through whole lists: each page is full while there are more, and `total` is what the pages hold together."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import httpx
import pytest

from adapters.resources import Resources
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account, make_unknown
from tests.support.graph import project
from tests.support.people import SignedIn, new_person
from tests.support.relationships import (
    BLOCK,
    FOLLOW,
    MUTUAL,
    ids,
    ids_of,
    make_block,
    make_follow,
    walk,
    walk_by_number,
)

pytestmark = pytest.mark.usefixtures("planned")

Walk = Callable[..., Awaitable[list[dict[str, Any]]]]
EACH_WAY = pytest.mark.parametrize("walking", [walk, walk_by_number], ids=["by cursor", "by number"])


@dataclass(frozen=True)
class Crowd:
    """`shown`: users who are in every list; between them, others who are in none. All usernames begin with `name`."""

    name: str
    shown: Sequence[SignedIn]
    hidden: Sequence[SignedIn]

    @property
    def mixed(self) -> list[SignedIn]:
        return [person for pair in zip(self.shown, self.hidden, strict=True) for person in pair]


@pytest.fixture
async def crowd(resources: Resources) -> Crowd:
    """The last of those who are shown is a newcomer."""
    name = new_person().username
    shown = [await make_account(resources, new_person(username=f"{name}_{number}")) for number in range(4)]
    hidden = [await make_account(resources, new_person(username=f"{name}_x{number}")) for number in range(5)]
    return Crowd(name, [*shown, await make_unknown(resources, new_person(username=f"{name}_new"))], hidden)


async def deactivate(resources: Resources, change_user: ChangeUser, person: SignedIn) -> None:
    """As the flow does: the node first, then the edges."""
    await change_user(person.user["_id"], {"is_active": False})
    await project(resources, person)
    await resources.social.follows.pause(person.user["_id"], limit=100)


async def erase(resources: Resources, person: SignedIn) -> None:
    """As the flow does: the edges first, then the node."""
    erasure, user_id = resources.accounts.personal_node, person.user["_id"]
    assert [await erasure.erase(user_id, limit=100) > 0 for _ in range(2)] == [True, True]


def walked(pages: list[dict[str, Any]]) -> tuple[list[int], set[int], list[str]]:
    """The sizes of the pages, what they say is the total, and whom they hold, by id."""
    held = sorted(user_id for each in pages for user_id in ids(each))
    return [len(each["users"]) for each in pages], {each["meta"]["total"] for each in pages}, held


@EACH_WAY
async def test_every_list_has_full_pages_and_a_true_total(
    api: httpx.AsyncClient,
    resources: Resources,
    me: SignedIn,
    owner: SignedIn,
    crowd: Crowd,
    change_user: ChangeUser,
    walking: Walk,
) -> None:
    for minute, person in enumerate(crowd.mixed):
        for pair in ((person, owner), (owner, person), (person, me), (me, person)):
            await make_follow(resources, *pair, minute=minute)
    blocked, blocking, both, deactivated, erased = crowd.hidden
    for pair in ((me, blocked), (blocking, me), (me, both), (both, me)):
        await make_block(resources, *pair)
    await deactivate(resources, change_user, deactivated)
    await erase(resources, erased)
    of_owner, named = {"user_id": owner.user["_id"]}, {"params": crowd.name}
    lists: dict[str, dict[str, str]] = {
        f"{FOLLOW}/followers/me": {},
        f"{FOLLOW}/followings/me": {},
        f"{FOLLOW}/followers": of_owner,
        f"{FOLLOW}/followings": of_owner,
        f"{MUTUAL}/{owner.user['_id']}": {},
        "/relationship/search/followers": named,
        "/relationship/search/followings": named,
        "/users/search": {"q": crowd.name},
    }

    found = {path: walked(await walking(api, path, me, **query, limit=2)) for path, query in lists.items()}

    assert found == dict.fromkeys(lists, ([2, 2, 1], {5}, sorted(ids_of(*crowd.shown))))


@EACH_WAY
async def test_blocked_users_have_full_pages_and_a_true_total(
    api: httpx.AsyncClient,
    resources: Resources,
    me: SignedIn,
    crowd: Crowd,
    change_user: ChangeUser,
    walking: Walk,
) -> None:
    *deactivated, erased = crowd.hidden
    for minute, person in enumerate(crowd.mixed):
        await make_block(resources, me, person, minute=minute)
    await make_block(resources, crowd.shown[0], me)
    for person in deactivated:
        await deactivate(resources, change_user, person)
    await erase(resources, erased)

    found = walked(await walking(api, f"{BLOCK}/blocked", me, limit=2))

    assert found == ([2, 2, 1], {5}, sorted(ids_of(*crowd.shown)))


@pytest.mark.parametrize(
    "hiding", ["u = {user_id: u.user_id}", "u.is_active = false"], ids=["without a profile", "still being deactivated"]
)
async def test_node_that_is_not_shown_leaves_no_gap_in_a_page(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, crowd: Crowd, hiding: LiteralString
) -> None:
    """An older release made nodes without a profile; the hourly comparison fills them in."""
    for minute, person in enumerate(crowd.mixed):
        await make_follow(resources, person, me, minute=minute)
    await resources.clients.neo4j.execute_query(
        "MATCH (u:User) WHERE u.user_id IN $ids SET " + hiding, ids=ids_of(*crowd.hidden)
    )

    pages = await walk(api, f"{FOLLOW}/followers/me", me, limit=2)

    oldest, second, third, fourth, newest = ids_of(*crowd.shown)
    assert [ids(each) for each in pages] == [[newest, fourth], [third, second], [oldest]]
