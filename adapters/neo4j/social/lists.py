"""Lists of people, newest edge first: one statement for a page with all its flags.

A page is read from an index of the edges that has their owner first and their time second, so its price does not
depend on the length of the list. Whoever stands in a block with the caller is passed over by their id alone.
"""

from typing import LiteralString

from neo4j import AsyncDriver

from adapters.neo4j.client import read_one
from adapters.neo4j.social.person_rows import LIMITS, ROWS, visible_rows
from adapters.neo4j.social.relationships import NO_USER_ID
from domain.paging import Cursor, Page, PageRequest, format_cursor, from_milliseconds, to_milliseconds
from domain.social.relationships import PersonRow
from domain.users.errors import UserNotFound

MAX_CREATED_AT = 2**63 - 1

OWNER_AND_CALLER = """
OPTIONAL MATCH (me:User {user_id: $caller_id})
OPTIONAL MATCH (owner:User {user_id: $owner_id})
WITH me, owner, EXISTS { ()-[:BLOCKED {from_id: $owner_id, to_id: $caller_id}]->() } AS is_hidden,
  COLLECT { MATCH (me)-[:BLOCKED]-(other:User) RETURN DISTINCT other.user_id } AS blocked
"""

# The order names the owner too, though that is the same in each row: else the planner does not see that the index has
# this order, and sorts the whole list (5.26, measured).
FOLLOWERS = (
    OWNER_AND_CALLER
    + """
WITH me, is_hidden, count { (owner)<-[:FOLLOWING]-() }
    - size([id IN blocked WHERE EXISTS { ()-[:FOLLOWING {from_id: id, to_id: $owner_id}]->() }]) AS total,
  COLLECT {
    MATCH (user)-[edge:FOLLOWING]->()
    USING INDEX edge:FOLLOWING(to_id, created_at, from_id)
    WHERE edge.to_id = $owner_id AND edge.created_at <= $until AND edge.from_id IS NOT NULL
      AND (edge.created_at < $until OR edge.from_id < $before_id) AND NOT edge.from_id IN blocked
    WITH user, edge
    ORDER BY edge.to_id DESC, edge.created_at DESC, edge.from_id DESC SKIP $skip LIMIT $limit + 1
    RETURN {user: user, mark: {at: edge.created_at, id: edge.from_id}}
  } AS page
"""
    + ROWS
    + "RETURN is_hidden, total, rows"
)
FOLLOWINGS = (
    OWNER_AND_CALLER
    + """
WITH me, is_hidden, count { (owner)-[:FOLLOWING]->() }
    - size([id IN blocked WHERE EXISTS { ()-[:FOLLOWING {from_id: $owner_id, to_id: id}]->() }]) AS total,
  COLLECT {
    MATCH ()-[edge:FOLLOWING]->(user)
    USING INDEX edge:FOLLOWING(from_id, created_at, to_id)
    WHERE edge.from_id = $owner_id AND edge.created_at <= $until AND edge.to_id IS NOT NULL
      AND (edge.created_at < $until OR edge.to_id < $before_id) AND NOT edge.to_id IN blocked
    WITH user, edge
    ORDER BY edge.from_id DESC, edge.created_at DESC, edge.to_id DESC SKIP $skip LIMIT $limit + 1
    RETURN {user: user, mark: {at: edge.created_at, id: edge.to_id}}
  } AS page
"""
    + ROWS
    + "RETURN is_hidden, total, rows"
)

# An edge of a block is not paused when somebody leaves, so here the blocked are looked at one by one.
BLOCKED = (
    """
OPTIONAL MATCH (me:User {user_id: $owner_id})
WITH me, COUNT { (me)-[:BLOCKED]->(user:User) WHERE coalesce(user.is_active, true) } AS total,
  COLLECT {
    MATCH ()-[edge:BLOCKED]->(user)
    USING INDEX edge:BLOCKED(from_id, created_at, to_id)
    WHERE edge.from_id = $owner_id AND edge.created_at <= $until AND edge.to_id IS NOT NULL
      AND (edge.created_at < $until OR edge.to_id < $before_id) AND coalesce(user.is_active, true)
    WITH user, edge
    ORDER BY edge.from_id DESC, edge.created_at DESC, edge.to_id DESC SKIP $skip LIMIT $limit + 1
    RETURN {user: user, mark: {at: edge.created_at, id: edge.to_id}}
  } AS page
"""
    + ROWS
    + "RETURN false AS is_hidden, total, rows"
)


class ListStore:
    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def list_followers(self, owner_id: str, *, caller_id: str, page_request: PageRequest) -> Page[PersonRow]:
        """Who follows the owner. Raises UserNotFound when the owner blocks the caller."""
        return await read_page(self._driver, FOLLOWERS, page_request, owner_id=owner_id, caller_id=caller_id)

    async def list_followees(self, owner_id: str, *, caller_id: str, page_request: PageRequest) -> Page[PersonRow]:
        """Whom the owner follows. Raises UserNotFound when the owner blocks the caller."""
        return await read_page(self._driver, FOLLOWINGS, page_request, owner_id=owner_id, caller_id=caller_id)

    async def list_blocked(self, owner_id: str, *, page_request: PageRequest) -> Page[PersonRow]:
        """Whom the owner blocks. Who blocks them in turn is there too, or could not be unblocked."""
        return await read_page(self._driver, BLOCKED, page_request, owner_id=owner_id)


async def read_page(
    driver: AsyncDriver, statement: LiteralString, page_request: PageRequest, **values: object
) -> Page[PersonRow]:
    """What a statement of this shape answers: `is_hidden`, `total`, and a row more than was asked for if there is one.

    Raises UserNotFound when the list is hidden.
    """
    record = await read_one(driver, statement, **values, **page_parameters(page_request))
    if record is None or record["is_hidden"]:
        raise UserNotFound
    rows = record["rows"][: page_request.limit]
    last = rows[-1]["mark"] if len(record["rows"]) > page_request.limit else None
    return Page(
        rows=visible_rows(rows),
        total=record["total"],
        next_cursor=format_cursor(Cursor(from_milliseconds(last["at"]), last["id"])) if last else None,
        is_capped=record.get("is_capped", False),
    )


def page_parameters(page_request: PageRequest) -> dict[str, object]:
    """Values for a statement that ends with a page. Always of the same types, for which its plan is kept."""
    after = page_request.after
    return LIMITS | {
        "skip": 0 if after else page_request.skip,
        "limit": page_request.limit,
        "until": to_milliseconds(after.at) if after else MAX_CREATED_AT,
        "before_id": after.row_id if after else NO_USER_ID,
    }
