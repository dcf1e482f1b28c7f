"""The rows of a page: who each person is, and how they and the caller stand to each other.

A statement finds `me` and `page`, a list of {user, mark}, and goes on with ROWS, which gives `rows` in the same order.
"""

from collections.abc import Sequence
from typing import Any

from adapters.neo4j.social.relationships import FLAGS, SUMMARY_FIELDS, summary_from
from domain.social.relationships import PersonRow, RelationCounts

MAX_FRIENDS = 1_000
"""Followers whom the caller knows are counted among so many whom the caller follows, the newest."""
LARGE_FOLLOWING = 1_000
"""With up to so many followers, a person's are walked through. Those of the famous are counted all in one walk from
the caller: looking up each pair in the index costs ten times as much (5.26, measured).
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
  RETURN {mark: mark, is_shown: user.is_active AND user.username IS NOT NULL, face: user {"""
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
    return summary_from(row["face"]), RelationCounts(**row["ties"])


def visible_rows(rows: Sequence[dict[str, Any]]) -> list[PersonRow]:
    """Without those whom GraphSync has not named yet, and those whose edges are just being paused."""
    return [person_row(row) for row in rows if row["is_shown"]]
