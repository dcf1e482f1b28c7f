"""Two people, both locked, the one with the lower id first: statements about the same two wait and never deadlock.

To write a property is what takes the lock of a node; the value stays as it is. Each text leaves `me` and `user`.
"""

from datetime import datetime

from domain.paging import to_milliseconds

ASSIGN_ROLES = """
WITH CASE WHEN $from_id < $to_id THEN lower ELSE higher END AS me,
  CASE WHEN $from_id < $to_id THEN higher ELSE lower END AS user
"""

# Whom GraphSync has not brought yet is there from here on, without a name.
LOCK_OR_CREATE_PAIR = (
    """
MERGE (lower:User {user_id: $lower}) SET lower.user_id = $lower
MERGE (higher:User {user_id: $higher}) SET higher.user_id = $higher
"""
    + ASSIGN_ROLES
)

LOCK_PAIR = (
    """
MATCH (lower:User {user_id: $lower}) SET lower.user_id = $lower
WITH lower
MATCH (higher:User {user_id: $higher}) SET higher.user_id = $higher
"""
    + ASSIGN_ROLES
)

# The person and the other ends of a batch, locked as whoever follows or blocks locks two: the lowest id first. What has
# become of an edge while we waited is looked at again then.
LOCK_MANY = """
WITH u, collect(DISTINCT other) AS others
UNWIND others + [u] AS person
WITH u, others, person ORDER BY person.user_id
SET person.user_id = person.user_id
WITH DISTINCT u, others
"""


def pair_parameters(from_id: str, to_id: str, at: datetime | None = None) -> dict[str, object]:
    """What the texts ask for. `at` is kept to the millisecond, as an integer."""
    pair: dict[str, object] = {
        "from_id": from_id,
        "to_id": to_id,
        "lower": min(from_id, to_id),
        "higher": max(from_id, to_id),
    }
    return pair if at is None else pair | {"at": to_milliseconds(at)}
