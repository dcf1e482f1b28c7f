"""Locks on two user nodes, the lower id first: statements about the same pair wait for each other and never deadlock.

Writing a property takes the lock of a node; the value stays the same. LOCK_PAIR and PUT_PAIR bind `me` and `user`.
"""

from datetime import datetime

from adapters.neo4j.users.users import PUT_USERS, profile_parameters
from domain.paging import to_milliseconds
from domain.users.users import GraphUser

ASSIGN_ROLES = """
WITH CASE WHEN $from_id < $to_id THEN lower ELSE higher END AS me,
  CASE WHEN $from_id < $to_id THEN higher ELSE lower END AS user
"""

# Creates the node of a user whom GraphSync has not written yet, with the whole profile: a user who is followed or
# blocked is in every list at once.
PUT_PAIR = (
    PUT_USERS
    + """
WITH collect(u) AS pair
WITH pair[0] AS lower, pair[1] AS higher
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

# Locks the user and the other ends of a batch in the order that follows and blocks use: the lowest id first. The edges
# may have changed while the statement waited and must be matched again.
LOCK_MANY = """
WITH u, collect(DISTINCT other) AS others
UNWIND others + [u] AS person
WITH u, others, person ORDER BY person.user_id
SET person.user_id = person.user_id
WITH DISTINCT u, others
"""


def pair_parameters(from_id: str, to_id: str, at: datetime | None = None) -> dict[str, object]:
    """Return the parameters of LOCK_PAIR: both ids, also as lower and higher; `at` in ms since 1970."""
    pair: dict[str, object] = {
        "from_id": from_id,
        "to_id": to_id,
        "lower": min(from_id, to_id),
        "higher": max(from_id, to_id),
    }
    return pair if at is None else pair | {"at": to_milliseconds(at)}


def profile_pair_parameters(from_user: GraphUser, to_user: GraphUser, at: datetime) -> dict[str, object]:
    """Return the parameters of PUT_PAIR: those of the pair, and both profiles."""
    return pair_parameters(from_user.user_id, to_user.user_id, at) | profile_parameters([from_user, to_user])
