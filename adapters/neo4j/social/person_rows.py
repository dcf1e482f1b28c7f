"""The rows of a page: a summary of each user, and the relations between that user and the caller.

A statement binds `me` and `page`, a list of {user, mark}, and appends ROWS, which returns `rows` in the same order.
"""

from typing import Any

from adapters.neo4j.social.relationships import FLAGS, SUMMARY_FIELDS, summary_from
from domain.social.relationships import PersonRow, RelationCounts

MAX_FRIENDS = 1_000
"""Mutual followers are counted among this many of the users the caller follows, the newest."""
LARGE_FOLLOWING = 1_000
"""Up to this many followers of a user are scanned. For users with more, one traversal from the caller's side counts
all: looking up each pair in the index costs ten times as much (5.26, measured).
"""
LIMITS: dict[str, object] = {"friends": MAX_FRIENDS, "famous": LARGE_FOLLOWING}

ROWS = (
    """
WITH *, COLLECT {
    MATCH ()-[edge:FOLLOWING]->(friend)
    USING INDEX edge:FOLLOWING(from_id, created_at, to_id)
    WHERE edge.from_id = me.user_id AND edge.created_at IS NOT NULL AND edge.to_id IS NOT NULL
    WITH friend, edge ORDER BY edge.from_id DESC, edge.created_at DESC, edge.to_id DESC LIMIT $friends
    RETURN friend
  } AS friends,
  COLLECT { UNWIND page AS one WITH one.user AS user WHERE count { (user)<-[:FOLLOWING]-() } > $famous RETURN user }
    AS famous
WITH *, COLLECT {
  UNWIND CASE WHEN famous = [] THEN [] ELSE friends END AS friend
  MATCH (friend)-[:FOLLOWING]->(user) WHERE user IN famous
  WITH user, count(*) AS number
  RETURN {user: user, number: number}
} AS counted
WITH *, COLLECT {
  UNWIND page AS one
  WITH me, friends, famous, counted, one.mark AS mark, one.user AS user
  RETURN {mark: mark, face: user {"""
    + SUMMARY_FIELDS
    + "}, ties: {"
    + FLAGS
    + """, mutual_followers_number: CASE
      WHEN user IN famous THEN coalesce([one IN counted WHERE one.user = user | one.number][0], 0)
      ELSE COUNT { MATCH (user)<-[:FOLLOWING]-(other) WHERE other IN friends }
    END}}
} AS rows
"""
)


def person_row(row: dict[str, Any]) -> PersonRow:
    """Return the user and relations of one of the `rows` that ROWS returns."""
    return summary_from(row["face"]), RelationCounts(**row["ties"])
