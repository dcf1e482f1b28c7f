"""Warm-up of the server's plan cache for the longest statements, before requests need them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import LiteralString

from neo4j import READ_ACCESS, AsyncDriver

from adapters.neo4j.social import person_rows as rows
from adapters.neo4j.social import relationships as ties
from adapters.neo4j.social.interests import FIND_SHARED_INTEREST_USERS
from adapters.neo4j.social.list_search import FIND_FOLLOWERS, FIND_FOLLOWINGS, LIST_MUTUAL
from adapters.neo4j.social.lists import BLOCKED, FOLLOWERS, FOLLOWINGS, page_parameters
from adapters.neo4j.social.pending_follows import LIST_PENDING
from adapters.neo4j.social.relationships import COUNT_EDGES, NO_USER_ID, READ_PROFILE_RELATIONS
from adapters.neo4j.social.search import FIND_PEOPLE
from adapters.neo4j.social.suggestions import BOUNDS, READ_SLICE, SUGGEST
from domain.paging import PageRequest
from domain.social.interests import FIRST_PAGE

SEARCH = rows.LIMITS | {
    "caller_id": NO_USER_ID,
    "reach": 1,
    "no_user_id": NO_USER_ID,
    "skip": 0,
    "limit": 1,
    "after_fit": 0,
    "after_id": NO_USER_ID,
}
PAGE = page_parameters(PageRequest(1))
LIST = {"owner_id": NO_USER_ID, "caller_id": NO_USER_ID, **PAGE}
LIST_SEARCH = {"caller_id": NO_USER_ID, "reach": 1, "asked": {"text": NO_USER_ID}, **PAGE}
SHARED_INTERESTS = {
    "caller_id": NO_USER_ID,
    "now": 1,
    "reach": 1,
    "candidates": 1,
    "after": asdict(FIRST_PAGE),
    "skip": 0,
    "limit": 1,
}
SLICE = {"caller_id": NO_USER_ID, "now": 1, "run": {"user_ids": [NO_USER_ID]}, "start": 0, "end": 1, "limit": 1}
STATEMENTS: tuple[tuple[LiteralString, Mapping[str, object]], ...] = (
    *((COUNT_EDGES, {"user_ids": [NO_USER_ID] * count}) for count in (1, 10, 100)),
    (READ_PROFILE_RELATIONS, {"user_id": NO_USER_ID, "caller_id": NO_USER_ID, **ties.LIMITS}),
    (FOLLOWERS, LIST),
    (FOLLOWINGS, LIST),
    (LIST_PENDING, {"user_id": NO_USER_ID, "limit": 1}),
    (FIND_PEOPLE, {**SEARCH, "search": "username:unknown"}),
    (FIND_PEOPLE, {**SEARCH, "search": "username:unknown" + " " * 100}),
    (SUGGEST, {"caller_id": NO_USER_ID, "now": 1, **BOUNDS}),
    (READ_SLICE, {**SLICE, **rows.LIMITS}),
    (FIND_SHARED_INTEREST_USERS, {**SHARED_INTERESTS, **rows.LIMITS}),
    (BLOCKED, {"owner_id": NO_USER_ID, **PAGE}),
    (LIST_MUTUAL, {"other_id": NO_USER_ID, "caller_id": NO_USER_ID, **ties.LIMITS, **PAGE}),
    (FIND_FOLLOWERS, LIST_SEARCH),
    (FIND_FOLLOWINGS, LIST_SEARCH),
)
"""Statements with parameters of the types they run with: a plan is cached by the types of its parameters and the powers
of ten of the lengths of texts and lists. The most frequent statements come first.
"""


async def warm_up(driver: AsyncDriver) -> None:
    """Run each statement once. A server that has just started takes seconds to plan one and discards the plan when the
    client gives up waiting, so requests alone might never fill the cache. Raises the driver's errors.
    """
    async with driver.session(default_access_mode=READ_ACCESS) as session:
        for statement, values in STATEMENTS:
            await (await session.run(statement, dict(values))).consume()
