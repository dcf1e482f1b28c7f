"""How many users a search says there are."""

import secrets
from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.resources import Resources
from tests.support.envelope import data
from tests.support.people import SignedIn

pytestmark = pytest.mark.usefixtures("planned")

MAKE_CROWD = """
UNWIND range(1, 1001) AS number
CREATE (:User {user_id: $tag + number, username: $tag + CASE WHEN number > 1000 THEN 'x' ELSE 'a' END + number,
  display_name: 'One of many', role: 'user', is_active: true, profile_version: 1})
"""
DROP_CROWD = "MATCH (u:User) WHERE u.user_id STARTS WITH $tag DELETE u"


@pytest.fixture
async def crowd(resources: Resources) -> AsyncIterator[str]:
    """The beginning of the names of 1 001 users in the graph; in 1 000 of them an `a` comes next."""
    tag = "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(10))
    await resources.clients.neo4j.execute_query(MAKE_CROWD, tag=tag)
    yield tag
    await resources.clients.neo4j.execute_query(DROP_CROWD, tag=tag)


@pytest.mark.parametrize(("more", "is_capped"), [("a", False), ("", True)], ids=["a thousand", "one more"])
async def test_total_is_exact_to_a_thousand(
    api: httpx.AsyncClient, someone: SignedIn, crowd: str, more: str, is_capped: bool
) -> None:
    query: dict[str, str | int] = {"q": crowd + more, "page": 49}
    last = data(await api.get("/users/search", params=query, headers=someone.bearer))

    assert (last["meta"]["total"], last["meta"]["total_capped"]) == (1_000, is_capped)
    assert (len(last["users"]), last["meta"]["is_last_page"]) == (20, True)
