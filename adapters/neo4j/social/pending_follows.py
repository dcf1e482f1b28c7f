"""Follow edges whose followee has not been notified yet: those with `notify_open`, oldest first."""

from collections.abc import Sequence
from datetime import datetime

from neo4j import AsyncDriver

from adapters.neo4j.client import read_one, write_one
from adapters.neo4j.social.pair_locks import LOCK_MANY
from domain.paging import to_milliseconds
from domain.social.follows import PendingFollow

# Both start from an index that holds open intents only, however many followers there are. Without the hint the planner
# reads all followers while they are few, and keeps that plan when they are many.
LIST_PENDING = """
MATCH ()-[f:FOLLOWING]->()
USING INDEX SEEK f:FOLLOWING(to_id, notify_open)
WHERE f.to_id = $user_id AND f.notify_open > 0
WITH f ORDER BY f.notify_open LIMIT $limit
RETURN collect([f.from_id, f.created_at]) AS follows
"""

LIST_PENDING_USERS = """
MATCH ()-[f:FOLLOWING]->()
USING INDEX SEEK f:FOLLOWING(notify_open)
WHERE 0 < f.notify_open < $before
WITH f ORDER BY f.notify_open LIMIT $limit
RETURN collect(DISTINCT f.to_id) AS people
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
REMOVE f.notify_open
RETURN count(f) AS closed
"""
)


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

    async def find_blocked(self, user_id: str, other_ids: Sequence[str]) -> Sequence[str]:
        """Return those of `other_ids` with a block between them and the user, in either direction."""
        record = await read_one(self._driver, FIND_BLOCKED, user_id=user_id, user_ids=list(other_ids))
        return list(record["blocked"]) if record else []

    async def close(self, user_id: str, follows: Sequence[PendingFollow]) -> None:
        """Close these intents: the user has been notified, or no notification is needed."""
        pairs = [[follow.follower_id, follow.created_at] for follow in follows]
        await write_one(self._driver, CLOSE, user_id=user_id, follows=pairs)
