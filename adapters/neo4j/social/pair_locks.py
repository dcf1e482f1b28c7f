"""Two people, both locked, the one with the lower id first: statements about the same two wait and never deadlock.

To write a property is what takes the lock of a node; the value stays as it is. Each text leaves `me` and `user`.
"""

from datetime import datetime

from domain.paging import milliseconds_of

IN_ROLES = """
WITH CASE WHEN $from_id < $to_id THEN lower ELSE higher END AS me,
  CASE WHEN $from_id < $to_id THEN higher ELSE lower END AS user
"""

# Whom GraphSync has not brought yet is there from here on, without a name.
MADE = (
    """
MERGE (lower:User {user_id: $lower}) SET lower.user_id = $lower
MERGE (higher:User {user_id: $higher}) SET higher.user_id = $higher
"""
    + IN_ROLES
)

FOUND = (
    """
MATCH (lower:User {user_id: $lower}) SET lower.user_id = $lower
WITH lower
MATCH (higher:User {user_id: $higher}) SET higher.user_id = $higher
"""
    + IN_ROLES
)

# The person and the other ends of a batch, locked as whoever follows or blocks locks two: the lowest id first. What has
# become of an edge while we waited is looked at again then.
LOCKED = """
WITH u, collect(DISTINCT other) AS others
UNWIND others + [u] AS person
WITH u, others, person ORDER BY person.user_id
SET person.user_id = person.user_id
WITH DISTINCT u, others
"""


def values_of(by: str, whom: str, at: datetime | None = None) -> dict[str, object]:
    """What the texts ask for. `at` is kept to the millisecond, as an integer."""
    pair: dict[str, object] = {"from_id": by, "to_id": whom, "lower": min(by, whom), "higher": max(by, whom)}
    return pair if at is None else pair | {"at": milliseconds_of(at)}
