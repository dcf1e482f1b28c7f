"""Follow suggestions: friends of friends, and users with shared interests.

`(a)-[:DISMISSED {from_id, to_id, until}]->(b)`, until in ms since 1970, excludes b from the suggestions of a.
"""

from datetime import datetime
from typing import Any

from neo4j import AsyncDriver

from adapters.neo4j.client import change_one, read_one
from adapters.neo4j.social.pair_locks import PUT_PAIR, profile_pair_parameters
from adapters.neo4j.social.person_rows import LIMITS, ROWS, person_row
from domain.paging import to_milliseconds
from domain.social.suggestions import (
    MAX_EXCLUDED,
    MAX_FRIENDS,
    MAX_PER_SOURCE,
    MAX_RESULTS,
    MAX_SCORED,
    MAX_SOURCE_DEGREE,
    ScoredUser,
    Slice,
    Suggestion,
    SuggestionList,
    SuggestionSlice,
)
from domain.users.errors import UserNotFound
from domain.users.users import GraphUser

BOUNDS: dict[str, object] = {
    "known": MAX_EXCLUDED,
    "friends": MAX_FRIENDS,
    "hub": MAX_SOURCE_DEGREE,
    "each": MAX_PER_SOURCE,
    "weighed": MAX_SCORED,
    "kept": MAX_RESULTS,
}

# Identifies the caller's relations that a list was computed from. Users followed, blocked or dismissed since then are
# filtered when the list is read.
VERSION = "[count { (me)-[:FOLLOWING]->() }, count { (me)-[:BLOCKED]->() }, count { (me)-[:INTERESTS]->() }] AS version"

ME_AND_HIDDEN = """
OPTIONAL MATCH (me:User {user_id: $caller_id})
WITH me, COLLECT {
  MATCH (me)-[:BLOCKED]-(other:User) RETURN other
  UNION MATCH (me)-[dismissal:DISMISSED]->(other:User) WHERE dismissal.until > $now RETURN other
} AS hidden
"""
IS_SUGGESTABLE = """user <> me AND user.is_active AND NOT user IN hidden
    AND NOT EXISTS { ()-[:FOLLOWING {from_id: $caller_id, to_id: user.user_id}]->() }"""

# Sources that follow many users and candidates with many followers weigh less: otherwise all callers would get the same
# celebrities. Only the closest candidates are scored, and filters run on the best of them until there are enough.
SUGGEST = (
    ME_AND_HIDDEN
    + """
WITH me, hidden, COLLECT { MATCH (me)-[:FOLLOWING]->(friend) RETURN friend LIMIT $known } AS followed
RETURN """
    + VERSION
    + """, COLLECT {
  CALL (me, followed) {
    CALL (me, followed) {
      MATCH ()-[edge:FOLLOWING]->(friend)
      USING INDEX edge:FOLLOWING(from_id, created_at, to_id)
      WHERE edge.from_id = $caller_id AND edge.created_at IS NOT NULL AND edge.to_id IS NOT NULL
      WITH followed, friend, edge
      ORDER BY edge.from_id DESC, edge.created_at DESC, edge.to_id DESC LIMIT $friends
      WITH followed, friend, count { (friend)-[:FOLLOWING]->() } AS degree WHERE degree <= $hub
      CALL (friend, followed) {
        MATCH (friend)-[:FOLLOWING]->(user)
        WITH followed, user LIMIT $each WHERE NOT user IN followed
        RETURN user
      }
      RETURN user, 1 / log(2 + degree) AS closeness
    UNION ALL
      MATCH (me)-[:INTERESTS]->(interest:Interest)
      WITH followed, interest, count { (interest)<-[:INTERESTS]-() } AS degree
      CALL (interest, followed) {
        MATCH (interest)<-[:INTERESTS]-(user)
        WITH followed, user LIMIT $each WHERE NOT user IN followed
        RETURN user
      }
      RETURN user, 1 / log(2 + degree) AS closeness
    }
    WITH user, sum(closeness) AS closeness ORDER BY closeness DESC LIMIT $weighed
    RETURN user, closeness
  }
  WITH me, hidden, user, closeness / log(10 + count { (user)<-[:FOLLOWING]-() }) AS score
  ORDER BY score DESC, user.user_id
  WITH me, hidden, user, score
  WHERE """
    + IS_SUGGESTABLE
    + """
  RETURN {user_id: user.user_id, score: score} LIMIT $kept
} AS people
"""
)

# The list is passed in a map: otherwise a plan is cached for lists of one length only (5.26, measured).
READ_SLICE = (
    ME_AND_HIDDEN
    + """
WITH me, hidden, COLLECT { MATCH (me)-[:INTERESTS]->(interest:Interest) RETURN interest } AS mine
WITH me, mine, COLLECT {
  UNWIND range(0, size($run.user_ids) - 1) AS position
  MATCH (user:User {user_id: $run.user_ids[position]})
  WHERE """
    + IS_SUGGESTABLE
    + """
  RETURN {user: user, position: position}
} AS found
WITH me, [one IN found | one.position] AS positions, """
    + VERSION
    + """, COLLECT {
  UNWIND found AS one
  WITH one.user AS user, one.position AS position WHERE $start <= position < $end
  WITH mine, user, position ORDER BY position LIMIT $limit
  RETURN {user: user, mark: {
    position: position, shared: COUNT { MATCH (user)-[:INTERESTS]->(interest) WHERE interest IN mine }
  }}
} AS page
"""
    + ROWS
    + "RETURN positions, version, rows"
)

# A new dismissal deletes the caller's expired ones.
DISMISS = (
    PUT_PAIR
    + """
CALL (me) {
  MATCH (me)-[old:DISMISSED]->() WHERE old.until <= $at
  DELETE old
}
WITH me, user, EXISTS { ()-[:BLOCKED {from_id: $to_id, to_id: $from_id}]->() } AS blocks_caller
FOREACH (one IN CASE WHEN blocks_caller THEN [] ELSE [user] END |
  MERGE (me)-[dismissal:DISMISSED {from_id: $from_id, to_id: $to_id}]->(one) SET dismissal.until = $until)
RETURN blocks_caller
"""
)


class SuggestionStore:
    """Computes and reads suggestions, and writes dismissals. Raises ServiceUnavailable on a timeout."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def suggest(self, caller_id: str, now: datetime) -> SuggestionList:
        """Return users the caller may want to follow, the best first. The cost is bounded by BOUNDS."""
        values = {"caller_id": caller_id, "now": to_milliseconds(now), **BOUNDS}
        record = await read_one(self._driver, SUGGEST, **values)
        assert record is not None  # noqa: S101 - the statement always returns one row
        people = [ScoredUser(one["user_id"], round(one["score"], 4)) for one in record["people"]]
        return SuggestionList(_written(record["version"]), people)

    async def read_slice(
        self, caller_id: str, suggestions: SuggestionList, wanted_slice: Slice, now: datetime
    ) -> SuggestionSlice:
        """Return a slice of the list without users whom the caller has followed or dismissed since, deactivated users,
        and blocks in either direction.
        """
        record = await read_one(
            self._driver,
            READ_SLICE,
            caller_id=caller_id,
            now=to_milliseconds(now),
            run={"user_ids": [person.user_id for person in suggestions.people]},
            start=wanted_slice.start,
            end=wanted_slice.end,
            limit=wanted_slice.limit,
            **LIMITS,
        )
        assert record is not None  # noqa: S101 - the statement always returns one row
        people = [_suggestion(row, suggestions) for row in record["rows"]]
        return SuggestionSlice(_written(record["version"]), record["positions"], people)

    async def dismiss(self, caller: GraphUser, dismissed: GraphUser, *, now: datetime, until: datetime) -> None:
        """Exclude a user from the caller's suggestions until `until`. Raises UserNotFound if they block the caller."""
        values = profile_pair_parameters(caller, dismissed, now) | {"until": to_milliseconds(until)}
        record = await change_one(self._driver, DISMISS, **values)
        if record and record["blocks_caller"]:
            raise UserNotFound


def _suggestion(row: dict[str, Any], suggestions: SuggestionList) -> Suggestion:
    position = row["mark"]["position"]
    return Suggestion(position, suggestions.people[position].score, *person_row(row), row["mark"]["shared"])


def _written(version: list[int]) -> str:
    return ".".join(map(str, version))
