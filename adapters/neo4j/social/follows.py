"""Follow edges: `(a)-[:FOLLOWING {from_id, to_id, created_at, notify_open}]->(b)`, both times in ms since 1970. While
`notify_open` is set, `request_id` and `key_id` say for the journal which request made the edge, and by which API key.

An edge is visible while both its ends are active. On deactivation it becomes FOLLOWING_PAUSED, with the same
properties, until reactivation; edges are moved in bounded batches. A statement that deletes one kind deletes both.
"""

from datetime import datetime
from typing import LiteralString

from neo4j import AsyncDriver

from adapters import causes
from adapters.neo4j.client import change_one, write_one
from adapters.neo4j.social.pair_locks import LOCK_MANY, LOCK_PAIR, PUT_PAIR, pair_parameters, profile_pair_parameters
from domain.social.follows import FollowResult
from domain.users.users import GraphUser

# `notify_open` is the intent of a notification: set until the followee is notified.
FOLLOW = (
    PUT_PAIR
    + """
WITH me, user,
  EXISTS { ()-[:BLOCKED {from_id: $to_id, to_id: $from_id}]->() } AS blocks_caller,
  EXISTS { ()-[:BLOCKED {from_id: $from_id, to_id: $to_id}]->() } AS is_blocked,
  EXISTS { ()-[:FOLLOWING {from_id: $from_id, to_id: $to_id}]->() }
    OR EXISTS { ()-[:FOLLOWING_PAUSED {from_id: $from_id, to_id: $to_id}]->() } AS is_old,
  me.is_active AND user.is_active AS is_seen
WITH *, CASE WHEN blocks_caller OR is_blocked OR is_old THEN [] ELSE [user] END AS wanted,
  {from_id: $from_id, to_id: $to_id, created_at: $at, notify_open: $at, request_id: $request_id, key_id: $key_id}
    AS facts
FOREACH (one IN CASE WHEN is_seen THEN wanted ELSE [] END | CREATE (me)-[f:FOLLOWING]->(one) SET f = facts)
FOREACH (one IN CASE WHEN is_seen THEN [] ELSE wanted END | CREATE (me)-[f:FOLLOWING_PAUSED]->(one) SET f = facts)
RETURN size(wanted) = 1 AS is_new, blocks_caller, is_blocked
"""
)

UNFOLLOW = (
    LOCK_PAIR
    + """
OPTIONAL MATCH ()-[seen:FOLLOWING {from_id: $from_id, to_id: $to_id}]->()
OPTIONAL MATCH ()-[paused:FOLLOWING_PAUSED {from_id: $from_id, to_id: $to_id}]->()
DELETE seen, paused
RETURN count(seen) + count(paused) AS removed
"""
)

PAUSE_EDGES = (
    """
MATCH (u:User {user_id: $user_id})-[:FOLLOWING]-(other:User)
WITH u, other LIMIT $limit
"""
    + LOCK_MANY
    + """
CALL (u, others) {
  UNWIND others AS other
  UNWIND [[u, other], [other, u]] AS way
  MATCH (from)-[seen:FOLLOWING {from_id: way[0].user_id, to_id: way[1].user_id}]->(to)
  CREATE (from)-[paused:FOLLOWING_PAUSED]->(to)
  SET paused = properties(seen)
  DELETE seen
}
RETURN size(others) AS found
"""
)

# The other end may be deactivated as well: then the edge stays paused until both are active.
RESUME_EDGES = (
    """
MATCH (u:User {user_id: $user_id})-[:FOLLOWING_PAUSED]-(other:User)
WHERE coalesce(u.is_active, true) AND coalesce(other.is_active, true)
WITH u, other LIMIT $limit
"""
    + LOCK_MANY
    + """
CALL (u, others) {
  UNWIND others AS other
  WITH u, other WHERE coalesce(u.is_active, true) AND coalesce(other.is_active, true)
  UNWIND [[u, other], [other, u]] AS way
  MATCH (from)-[paused:FOLLOWING_PAUSED {from_id: way[0].user_id, to_id: way[1].user_id}]->(to)
  CREATE (from)-[seen:FOLLOWING]->(to)
  SET seen = properties(paused)
  DELETE paused
}
RETURN size(others) AS found
"""
)


class FollowStore:
    """Creates, deletes, pauses and resumes follow edges.

    Raises the driver's errors; `follow` and `unfollow` raise ServiceUnavailable on a timeout.
    """

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def follow(self, follower: GraphUser, followee: GraphUser, at: datetime) -> FollowResult:
        """Create the edge with its notification intent, unless it exists or one user blocks the other.

        Both profiles are written with it. While one of the two is not active, the edge is created paused.
        """
        cause = {"request_id": causes.request_id.get(), "key_id": causes.key_id.get()}
        record = await change_one(self._driver, FOLLOW, **profile_pair_parameters(follower, followee, at), **cause)
        assert record is not None  # noqa: S101 - the statement creates missing nodes, so it returns a row
        return FollowResult(record["is_new"], record["blocks_caller"], record["is_blocked"])

    async def unfollow(self, follower_id: str, followee_id: str) -> bool:
        """Delete the edge, visible or paused. Returns False when there was none."""
        record = await change_one(self._driver, UNFOLLOW, **pair_parameters(follower_id, followee_id))
        return bool(record and record["removed"])

    async def pause(self, user_id: str, *, limit: int) -> int:
        """Pause the user's follow edges with up to `limit` users. Returns with how many; 0 when all are paused."""
        return await self._move(PAUSE_EDGES, user_id, limit)

    async def resume(self, user_id: str, *, limit: int) -> int:
        """Resume paused edges with up to `limit` active users. Returns with how many; 0 when none can be resumed."""
        return await self._move(RESUME_EDGES, user_id, limit)

    async def _move(self, statement: LiteralString, user_id: str, limit: int) -> int:
        record = await write_one(self._driver, statement, user_id=user_id, limit=limit)
        return int(record["found"]) if record else 0
