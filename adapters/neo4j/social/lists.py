"""Lists of users, newest edge first: one statement for a page with all its flags.

A page is read from an index on the edges' owner and time, so its cost does not depend on the length of the list.
Users with a block between them and the caller are excluded by id. Users who are not shown are left out before the page
is cut, so that a page is full while there are more: deactivated users whose edges are still being paused, and nodes
without a profile, whose `is_active` is null.
"""

from typing import LiteralString

from neo4j import AsyncDriver

from adapters.neo4j.client import read_one
from adapters.neo4j.social.person_rows import LIMITS, ROWS, person_row
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

# ORDER BY names the owner too, though it is the same in each row: otherwise the planner does not use the index for the
# order and sorts the whole list (5.26, measured).
FOLLOWERS = (
    OWNER_AND_CALLER
    + """
WITH me, is_hidden, count { (owner)<-[:FOLLOWING]-() }
    - size([id IN blocked WHERE EXISTS { ()-[:FOLLOWING {from_id: id, to_id: $owner_id}]->() }]) AS total,
  COLLECT {
    MATCH (user)-[edge:FOLLOWING]->()
    USING INDEX edge:FOLLOWING(to_id, created_at, from_id)
    WHERE edge.to_id = $owner_id AND edge.created_at <= $until AND edge.from_id IS NOT NULL
      AND (edge.created_at < $until OR edge.from_id < $before_id) AND NOT edge.from_id IN blocked AND user.is_active
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
      AND (edge.created_at < $until OR edge.to_id < $before_id) AND NOT edge.to_id IN blocked AND user.is_active
    WITH user, edge
    ORDER BY edge.from_id DESC, edge.created_at DESC, edge.to_id DESC SKIP $skip LIMIT $limit + 1
    RETURN {user: user, mark: {at: edge.created_at, id: edge.to_id}}
  } AS page
"""
    + ROWS
    + "RETURN is_hidden, total, rows"
)

# A block edge is not paused on deactivation, so `is_active` is checked for each blocked user.
BLOCKED = (
    """
OPTIONAL MATCH (me:User {user_id: $owner_id})
WITH me, COUNT { (me)-[:BLOCKED]->(user:User) WHERE user.is_active } AS total,
  COLLECT {
    MATCH ()-[edge:BLOCKED]->(user)
    USING INDEX edge:BLOCKED(from_id, created_at, to_id)
    WHERE edge.from_id = $owner_id AND edge.created_at <= $until AND edge.to_id IS NOT NULL
      AND (edge.created_at < $until OR edge.to_id < $before_id) AND user.is_active
    WITH user, edge
    ORDER BY edge.from_id DESC, edge.created_at DESC, edge.to_id DESC SKIP $skip LIMIT $limit + 1
    RETURN {user: user, mark: {at: edge.created_at, id: edge.to_id}}
  } AS page
"""
    + ROWS
    + "RETURN false AS is_hidden, total, rows"
)


class ListStore:
    """Reads pages of followers, followees and blocked users. Raises ServiceUnavailable on a timeout."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def list_followers(self, owner_id: str, *, caller_id: str, page_request: PageRequest) -> Page[PersonRow]:
        """Return a page of the owner's followers. Raises UserNotFound when the owner blocks the caller."""
        return await read_page(self._driver, FOLLOWERS, page_request, owner_id=owner_id, caller_id=caller_id)

    async def list_followees(self, owner_id: str, *, caller_id: str, page_request: PageRequest) -> Page[PersonRow]:
        """Return a page of the users the owner follows. Raises UserNotFound when the owner blocks the caller."""
        return await read_page(self._driver, FOLLOWINGS, page_request, owner_id=owner_id, caller_id=caller_id)

    async def list_blocked(self, owner_id: str, *, page_request: PageRequest) -> Page[PersonRow]:
        """Return a page of the users the owner blocks, those who block the owner too: the owner can unblock them."""
        return await read_page(self._driver, BLOCKED, page_request, owner_id=owner_id)


async def read_page(
    driver: AsyncDriver, statement: LiteralString, page_request: PageRequest, **values: object
) -> Page[PersonRow]:
    """Run a statement that returns `is_hidden`, `total` and up to limit + 1 `rows`, and return the page.

    Raises UserNotFound when the list is hidden, and ServiceUnavailable on a timeout.
    """
    record = await read_one(driver, statement, **values, **page_parameters(page_request))
    if record is None or record["is_hidden"]:
        raise UserNotFound
    rows = record["rows"][: page_request.limit]
    last = rows[-1]["mark"] if len(record["rows"]) > page_request.limit else None
    return Page(
        rows=[person_row(row) for row in rows],
        total=record["total"],
        next_cursor=format_cursor(Cursor(from_milliseconds(last["at"]), last["id"])) if last else None,
        is_capped=record.get("is_capped", False),
    )


def page_parameters(page_request: PageRequest) -> dict[str, object]:
    """Return the parameters of a statement that ends with a page. Their types never vary: plans are cached by type."""
    after = page_request.after
    return LIMITS | {
        "skip": 0 if after else page_request.skip,
        "limit": page_request.limit,
        "until": to_milliseconds(after.at) if after else MAX_CREATED_AT,
        "before_id": after.row_id if after else NO_USER_ID,
    }
