"""Has the server plan our longest statements before somebody waits for them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import LiteralString

from neo4j import READ_ACCESS, AsyncDriver

from adapters.neo4j.social import person_rows as rows
from adapters.neo4j.social import relationships as ties
from adapters.neo4j.social.interests import LIKE_MINDED
from adapters.neo4j.social.list_search import FIND_FOLLOWERS, FIND_FOLLOWINGS, LIST_MUTUAL
from adapters.neo4j.social.lists import BLOCKED, FOLLOWERS, FOLLOWINGS, bounds
from adapters.neo4j.social.pending_follows import OWED
from adapters.neo4j.social.relationships import NOBODY, READ_REGARD
from adapters.neo4j.social.search import FIND_PEOPLE
from adapters.neo4j.social.suggestions import BOUNDS, READ_STRETCH, SUGGEST
from domain.paging import Window
from domain.social.interests import BEGINNING

SEARCH = rows.LIMITS | {
    "caller_id": NOBODY,
    "reach": 1,
    "nobody": NOBODY,
    "skip": 0,
    "limit": 1,
    "after_fit": 0,
    "after_id": NOBODY,
}
PAGE = bounds(Window(1))
LIST = {"owner_id": NOBODY, "caller_id": NOBODY, **PAGE}
MATCHES = {"caller_id": NOBODY, "reach": 1, "asked": {"text": NOBODY}, **PAGE}
LIKING = {"caller_id": NOBODY, "now": 1, "reach": 1, "candidates": 1, "after": asdict(BEGINNING), "skip": 0, "limit": 1}
STRETCH = {"caller_id": NOBODY, "now": 1, "run": {"user_ids": [NOBODY]}, "start": 0, "end": 1, "limit": 1}
STATEMENTS: tuple[tuple[LiteralString, Mapping[str, object]], ...] = (
    (READ_REGARD, {"user_id": NOBODY, "caller_id": NOBODY, **ties.LIMITS}),
    (FOLLOWERS, LIST),
    (FOLLOWINGS, LIST),
    (OWED, {"user_id": NOBODY, "limit": 1}),
    (FIND_PEOPLE, {**SEARCH, "search": "username:nobody"}),
    (FIND_PEOPLE, {**SEARCH, "search": "username:nobody" + " " * 100}),
    (SUGGEST, {"caller_id": NOBODY, "now": 1, **BOUNDS}),
    (READ_STRETCH, {**STRETCH, **rows.LIMITS}),
    (LIKE_MINDED, {**LIKING, **rows.LIMITS}),
    (BLOCKED, {"owner_id": NOBODY, **PAGE}),
    (LIST_MUTUAL, {"other_id": NOBODY, "caller_id": NOBODY, **ties.LIMITS, **PAGE}),
    (FIND_FOLLOWERS, MATCHES),
    (FIND_FOLLOWINGS, MATCHES),
)
"""With values as they are run with: a plan is kept for types of values, and for the power of ten of a text's length.
What is asked most stands first.
"""


async def warm_up(driver: AsyncDriver) -> None:
    """A server that has just started takes seconds for it. Whoever gives up waiting throws the plan away with it,
    and so would the next.
    """
    async with driver.session(default_access_mode=READ_ACCESS) as session:
        for statement, values in STATEMENTS:
            await (await session.run(statement, dict(values))).consume()
