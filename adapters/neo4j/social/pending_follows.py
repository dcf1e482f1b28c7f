"""Follow edges whose followee has not been notified yet: those with `notify_open`, oldest first.

`notify_open` is the time of the follow; a negative one is set aside, and found for its followee alone.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from neo4j import AsyncDriver

from adapters.neo4j.client import read_one, write_idempotent
from adapters.neo4j.social.pair_locks import LOCK_MANY
from domain.paging import to_milliseconds
from domain.social.follows import PendingFollow

# Both start from an index that holds open intents only, however many followers there are. Without the hint the planner
# reads all followers while they are few, and keeps that plan when they are many.
LIST_PENDING = """
MATCH ()-[f:FOLLOWING]->()
USING INDEX SEEK f:FOLLOWING(to_id, notify_open)
WHERE f.to_id = $user_id AND f.notify_open IS NOT NULL
WITH f ORDER BY abs(f.notify_open) LIMIT $limit
RETURN collect([f.from_id, f.created_at, f.request_id, f.key_id]) AS follows
"""

LIST_OLDEST = """
MATCH ()-[f:FOLLOWING]->()
USING INDEX SEEK f:FOLLOWING(notify_open)
WHERE f.notify_open > 0 AND right(f.to_id, 2) IN $suffixes
WITH f ORDER BY f.notify_open LIMIT $limit
RETURN collect([f.to_id, f.from_id, f.created_at, f.request_id, f.key_id]) AS follows
"""

LIST_PENDING_USERS = """
MATCH ()-[f:FOLLOWING]->()
USING INDEX SEEK f:FOLLOWING(notify_open)
WHERE 0 < f.notify_open < $before
WITH f ORDER BY f.notify_open LIMIT $limit
RETURN collect(DISTINCT f.to_id) AS people
"""

LIST_SET_ASIDE_USERS = """
MATCH ()-[f:FOLLOWING]->()
USING INDEX SEEK f:FOLLOWING(notify_open)
WHERE f.notify_open < 0
WITH f LIMIT $limit
RETURN collect(DISTINCT f.to_id) AS people
"""

SET_ASIDE = """
UNWIND $user_ids AS user_id
MATCH (u:User {user_id: user_id}) SET u.user_id = u.user_id
WITH user_id
MATCH ()-[f:FOLLOWING]->()
USING INDEX SEEK f:FOLLOWING(to_id, notify_open)
WHERE f.to_id = user_id AND f.notify_open > 0
SET f.notify_open = -f.notify_open
"""

FIND_BLOCKED = """
UNWIND $user_ids AS other
WITH other WHERE EXISTS { ()-[:BLOCKED {from_id: $user_id, to_id: other}]->() }
  OR EXISTS { ()-[:BLOCKED {from_id: other, to_id: $user_id}]->() }
RETURN collect(other) AS blocked
"""

# An edge that was deleted and created again meanwhile has another time and is not closed. Changing an edge locks its
# ends after the edge itself, so the ends are locked first.
CLOSE = (
    """
MATCH (u:User {user_id: $user_id})
UNWIND $follows AS follow
MATCH (other:User {user_id: follow[0]})
WITH u, other
"""
    + LOCK_MANY
    + """
UNWIND $follows AS follow
MATCH ()-[f:FOLLOWING {from_id: follow[0], to_id: $user_id}]->()
WHERE f.created_at = follow[1]
REMOVE f.notify_open, f.request_id, f.key_id
RETURN count(f) AS closed
"""
)

# The same for many followees: all ends are locked, the lowest id first. A block deletes the edge, and is looked for
# after that: one in `edges` that is gone may have been blocked meanwhile.
CLOSE_MANY = """
UNWIND $user_ids AS user_id
MATCH (u:User {user_id: user_id}) SET u.user_id = u.user_id
WITH count(u) AS locked
UNWIND $edges AS edge
OPTIONAL MATCH ()-[f:FOLLOWING {from_id: edge[1], to_id: edge[0]}]->()
WHERE f.created_at = edge[2]
REMOVE f.notify_open, f.request_id, f.key_id
WITH edge, f WHERE f IS NULL
  AND (EXISTS { ()-[:BLOCKED {from_id: edge[0], to_id: edge[1]}]->() }
    OR EXISTS { ()-[:BLOCKED {from_id: edge[1], to_id: edge[0]}]->() })
RETURN collect([edge[0], edge[1]]) AS blocked
"""

ByFollowee = Mapping[str, Sequence[PendingFollow]]


class PendingFollowStore:
    """Reads and closes notification intents of follows. Raises the driver's errors."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def list_pending(self, user_id: str, *, limit: int) -> Sequence[PendingFollow]:
        """Return up to `limit` follows of which the user has not been notified, oldest first."""
        record = await read_one(self._driver, LIST_PENDING, user_id=user_id, limit=limit)
        return [PendingFollow(*follow) for follow in record["follows"]] if record else []

    async def list_pending_users(self, *, before: datetime, limit: int) -> Sequence[str]:
        """Return the ids of users with a pending follow older than `before`, out of the `limit` oldest such follows."""
        record = await read_one(self._driver, LIST_PENDING_USERS, before=to_milliseconds(before), limit=limit)
        return list(record["people"]) if record else []

    async def list_oldest(self, suffixes: Sequence[str], *, limit: int) -> ByFollowee:
        """Return up to `limit` follows of which the followees of a shard have not been notified, the oldest."""
        record = await read_one(self._driver, LIST_OLDEST, suffixes=list(suffixes), limit=limit)
        by_followee = defaultdict[str, list[PendingFollow]](list)
        for followee_id, *follow in record["follows"] if record else []:
            by_followee[followee_id].append(PendingFollow(*follow))
        return by_followee

    async def list_set_aside_users(self, *, limit: int) -> Sequence[str]:
        """Return the ids of users with follows that are set aside, out of `limit` such follows."""
        record = await read_one(self._driver, LIST_SET_ASIDE_USERS, limit=limit)
        return list(record["people"]) if record else []

    async def set_aside(self, user_ids: Sequence[str]) -> None:
        """Take the pending follows of these users out of the batches."""
        await write_idempotent(self._driver, SET_ASIDE, user_ids=sorted(user_ids))

    async def close_many(self, follows: ByFollowee) -> Mapping[str, Sequence[str]]:
        """Close these intents like `close`. Returns followers by followee between whom there is a block by now."""
        rows = [
            (user_id, follow.follower_id, follow.created_at)
            for user_id, pending in follows.items()
            for follow in pending
        ]
        ends = {end for row in rows for end in row[:2]}
        record = await write_idempotent(self._driver, CLOSE_MANY, user_ids=sorted(ends), edges=rows)
        blocked = defaultdict[str, list[str]](list)
        for followee_id, follower_id in record["blocked"] if record else []:
            blocked[followee_id].append(follower_id)
        return blocked

    async def find_blocked(self, user_id: str, other_ids: Sequence[str]) -> Sequence[str]:
        """Return those of `other_ids` with a block between them and the user, in either direction."""
        record = await read_one(self._driver, FIND_BLOCKED, user_id=user_id, user_ids=list(other_ids))
        return list(record["blocked"]) if record else []

    async def close(self, user_id: str, follows: Sequence[PendingFollow]) -> None:
        """Close these intents: the user has been notified, or no notification is needed."""
        pairs = [[follow.follower_id, follow.created_at] for follow in follows]
        await write_idempotent(self._driver, CLOSE, user_id=user_id, follows=pairs)
