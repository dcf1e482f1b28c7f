"""Summaries of users for lists of ids that are stored elsewhere: only users the caller may see."""

from collections.abc import Sequence

from neo4j import AsyncDriver

from adapters.neo4j.client import read_one
from adapters.neo4j.social.relationships import SUMMARY_FIELDS, summary_from
from domain.social.relationships import PersonSummary

IS_HIDDEN = """
RETURN EXISTS { ()-[:BLOCKED {from_id: $user_id, to_id: $caller_id}]->() } AS is_hidden
"""

# Without deactivated users, and blocks in either direction.
READ_SUMMARIES = (
    """
UNWIND range(0, size($user_ids) - 1) AS position
MATCH (user:User {user_id: $user_ids[position]})
WHERE user.is_active
  AND NOT EXISTS { ()-[:BLOCKED {from_id: $caller_id, to_id: user.user_id}]->() }
  AND NOT EXISTS { ()-[:BLOCKED {from_id: user.user_id, to_id: $caller_id}]->() }
WITH user ORDER BY position LIMIT $limit
RETURN collect(user {"""
    + SUMMARY_FIELDS
    + "}) AS faces"
)


class PersonSummaryStore:
    """Reads summaries of users. Raises ServiceUnavailable on a timeout, and the driver's errors."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def is_hidden(self, user_id: str, *, caller_id: str) -> bool:
        """Whether the user blocks the caller, who then must not see them. False for the caller's own id."""
        if user_id == caller_id:
            return False
        record = await read_one(self._driver, IS_HIDDEN, user_id=user_id, caller_id=caller_id)
        return bool(record and record["is_hidden"])

    async def find_visible(self, user_ids: Sequence[str], *, caller_id: str, limit: int) -> Sequence[PersonSummary]:
        """Return the summaries of the first `limit` of the users whom the caller may see, in the order of `user_ids`.

        One query at most.
        """
        if not user_ids:
            return ()
        record = await read_one(self._driver, READ_SUMMARIES, user_ids=list(user_ids), caller_id=caller_id, limit=limit)
        return [summary_from(row) for row in record["faces"]] if record else ()
