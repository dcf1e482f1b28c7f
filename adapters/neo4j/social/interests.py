"""Interests, `(a)-[:INTERESTS {created_at}]->(:Interest {key})`, created_at in ms, and users who share them."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import LiteralString

from neo4j import AsyncDriver, Record

from adapters.neo4j.client import change_one, read_one
from adapters.neo4j.social.person_rows import LIMITS, ROWS, person_row
from adapters.neo4j.users.users import PUT_USERS, profile_parameters
from domain.paging import Page, to_milliseconds
from domain.social.interests import (
    FIRST_PAGE,
    MAX_CANDIDATES,
    MAX_RANKED,
    Interest,
    SharedInterestCursor,
    SharedInterestUser,
    format_interest_cursor,
)
from domain.users.users import GraphUser

# The user's node is written, and so locked, first: no edge is created twice.
PUT_ME = PUT_USERS + "WITH u AS me"
# Keys are sorted: two concurrent writes that create the same interests do not deadlock.
CREATE_INTERESTS = """
UNWIND $keys AS key
MERGE (interest:Interest {key: key})
WITH me, interest WHERE NOT EXISTS { (me)-[:INTERESTS]->(interest) }
CREATE (me)-[:INTERESTS {created_at: $at}]->(interest)
"""
ADD = PUT_ME + CREATE_INTERESTS
REPLACE = (
    PUT_ME
    + """
CALL (me) {
  MATCH (me)-[old:INTERESTS]->(interest:Interest) WHERE NOT interest.key IN $keys
  DELETE old
}
"""
    + CREATE_INTERESTS
)
LIST = """
OPTIONAL MATCH (me:User {user_id: $user_id})
RETURN COLLECT { MATCH (me)-[:INTERESTS]->(interest:Interest) RETURN interest.key ORDER BY interest.key } AS keys
"""

# Candidates are taken interest by interest, the caller's rarest first, until there are enough of them.
FIND_SHARED_INTEREST_USERS = (
    """
OPTIONAL MATCH (me:User {user_id: $caller_id})
WITH me, COLLECT { MATCH (me)-[:INTERESTS]->(interest:Interest) RETURN interest } AS mine, COLLECT {
  MATCH (me)-[:BLOCKED]-(other:User) RETURN other
  UNION MATCH (me)-[dismissal:DISMISSED]->(other:User) WHERE dismissal.until > $now RETURN other
} AS hidden
WITH me, mine, COLLECT {
  UNWIND mine AS interest
  WITH interest ORDER BY count { (interest)<-[:INTERESTS]-() }, interest.key
  MATCH (interest)<-[:INTERESTS]-(user:User)
  WITH user LIMIT $reach
  WHERE user <> me AND user.is_active AND NOT user IN hidden
    AND NOT EXISTS { ()-[:FOLLOWING {from_id: $caller_id, to_id: user.user_id}]->() }
  WITH DISTINCT user LIMIT $candidates
  RETURN {user: user, shared: COUNT { MATCH (user)-[:INTERESTS]->(interest) WHERE interest IN mine }}
} AS found
WITH me, mine, size(found) AS total, COLLECT {
  UNWIND found AS one
  WITH one.user AS user, one.shared AS shared
  WHERE shared < $after.shared OR shared = $after.shared AND user.username > $after.username
  WITH mine, user ORDER BY shared DESC, user.username SKIP $skip LIMIT $limit + 1
  RETURN {user: user, mark: COLLECT {
    MATCH (user)-[:INTERESTS]->(interest) WHERE interest IN mine RETURN interest.key ORDER BY interest.key
  }}
} AS page
"""
    + ROWS
    + "RETURN total, rows"
)


class InterestStore:
    """Reads and writes users' interests. Raises ServiceUnavailable on a timeout, and the driver's errors."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def replace(self, user: GraphUser, interests: Collection[Interest], at: datetime) -> None:
        """Replace the user's interests. An interest they already had keeps its time. The profile is written too."""
        await self._write(REPLACE, user, interests, at)

    async def add(self, user: GraphUser, interests: Collection[Interest], at: datetime) -> None:
        """Add interests. An interest the user already has keeps its time. The profile is written too."""
        await self._write(ADD, user, interests, at)

    async def list_interests(self, user_id: str) -> Sequence[Interest]:
        """Return the user's interests, sorted by key."""
        record = await read_one(self._driver, LIST, user_id=user_id)
        return [Interest(key) for key in record["keys"]] if record else []

    async def find_shared_interest_users(
        self, caller_id: str, *, now: datetime, skip: int, after: SharedInterestCursor | None, limit: int
    ) -> Page[SharedInterestUser]:
        """Return users who share interests with the caller: most shared first, then by username.

        Excluded: users the caller follows or has dismissed, deactivated users, and blocks in either direction.
        """
        record = await read_one(
            self._driver,
            FIND_SHARED_INTEREST_USERS,
            caller_id=caller_id,
            now=to_milliseconds(now),
            reach=MAX_RANKED,
            candidates=MAX_CANDIDATES,
            after=asdict(after or FIRST_PAGE),
            skip=0 if after else skip,
            limit=limit,
            **LIMITS,
        )
        assert record is not None  # noqa: S101 - the statement always returns one row
        return _page(record, limit)

    async def _write(
        self, statement: LiteralString, user: GraphUser, interests: Collection[Interest], at: datetime
    ) -> None:
        keys = sorted(set(interests))
        await change_one(self._driver, statement, **profile_parameters([user]), keys=keys, at=to_milliseconds(at))


def _page(record: Record, limit: int) -> Page[SharedInterestUser]:
    rows = [SharedInterestUser(*person_row(row), tuple(map(Interest, row["mark"]))) for row in record["rows"][:limit]]
    has_more = len(record["rows"]) > limit
    return Page(
        rows=rows,
        total=record["total"],
        next_cursor=format_interest_cursor(SharedInterestCursor(len(rows[-1].shared), rows[-1].person.username))
        if has_more
        else None,
        is_capped=record["total"] == MAX_CANDIDATES,
    )
