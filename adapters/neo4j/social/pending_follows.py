"""Follow edges of which the followed person has still to be told: those with `notify_open`, oldest first."""

from collections.abc import Sequence
from datetime import datetime

from neo4j import AsyncDriver

from adapters.neo4j.client import read_one, write_one
from adapters.neo4j.social.pair_locks import LOCK_MANY
from domain.paging import to_milliseconds
from domain.social.follows import PendingFollow

# Both begin from an index that holds open intents alone, however many followers there are. While those are few, the
# planner would rather read all of them, and keep to it when they are many.
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

# An edge that was removed and made again meanwhile is another one: it has another time. To change one takes the locks
# of its ends after its own, so they are taken first.
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
    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def list_pending(self, user_id: str, *, limit: int) -> Sequence[PendingFollow]:
        """Who has followed the person without their having been told."""
        record = await read_one(self._driver, LIST_PENDING, user_id=user_id, limit=limit)
        return [PendingFollow(*follow) for follow in record["follows"]] if record else []

    async def list_pending_users(self, *, before: datetime, limit: int) -> Sequence[str]:
        """Ids of people who were followed before that and have not been told, of so many follows at most."""
        record = await read_one(self._driver, LIST_PENDING_USERS, before=to_milliseconds(before), limit=limit)
        return list(record["people"]) if record else []

    async def find_blocked(self, user_id: str, other_ids: Sequence[str]) -> Sequence[str]:
        """Those of them between whom and the person there is a block, whosever it is."""
        record = await read_one(self._driver, FIND_BLOCKED, user_id=user_id, user_ids=list(other_ids))
        return list(record["blocked"]) if record else []

    async def close(self, user_id: str, follows: Sequence[PendingFollow]) -> None:
        """The person has been told of these, or there is nothing to tell."""
        pairs = [[follow.follower_id, follow.created_at] for follow in follows]
        await write_one(self._driver, CLOSE, user_id=user_id, follows=pairs)
