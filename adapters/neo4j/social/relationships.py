"""How people stand to each other, as the caller may see it: one statement, whatever their number of followers."""

from collections.abc import Sequence
from typing import Any

from neo4j import AsyncDriver

from adapters.neo4j.client import read_one
from domain.social.relationships import EdgeCounts, PersonSummary, ProfileRelations, Relation, RelationCounts
from domain.users.users import Role

SUMMARY_FIELDS = ".user_id, .username, .role, .display_name, .avatar_ipfs_hash"

# Fields of `user`, relative to `me`, who may be null. To be put between the braces of a map.
FLAGS = """
  following_number: count { (user)-[:FOLLOWING]->() },
  followers_number: count { (user)<-[:FOLLOWING]-() },
  is_following: EXISTS { ()-[:FOLLOWING {from_id: me.user_id, to_id: user.user_id}]->() },
  is_follower: EXISTS { ()-[:FOLLOWING {from_id: user.user_id, to_id: me.user_id}]->() },
  is_blocked: EXISTS { ()-[:BLOCKED {from_id: me.user_id, to_id: user.user_id}]->() }"""

MAX_FRIENDS = 10_000
"""Followers whom the caller knows are looked for among so many whom the caller follows."""
MAX_FOLLOWERS = 20_000
"""With up to so many followers, a person's are walked through; otherwise each of the caller's friends is looked up."""
LIMITS: dict[str, object] = {"most_friends": MAX_FRIENDS, "most_followers": MAX_FOLLOWERS}

# Of `me` and `user`: the list of both their `mutual` friends. Written as one pattern it would be planned as a scan of
# all edges (5.26, measured).
MUTUAL = """
WITH *, COLLECT { MATCH (me)-[:FOLLOWING]->(friend:User) RETURN friend LIMIT $most_friends } AS friends
WITH *, CASE WHEN count { (user)<-[:FOLLOWING]-() } <= $most_followers
  THEN COLLECT { MATCH (user)<-[:FOLLOWING]-(friend) WHERE friend IN friends RETURN friend }
  ELSE COLLECT {
    UNWIND friends AS friend
    WITH friend WHERE EXISTS { ()-[:FOLLOWING {from_id: friend.user_id, to_id: user.user_id}]->() }
    RETURN friend
  } END AS mutual
"""

# Whom GraphSync has not named yet is counted and not shown.
READ_PROFILE_RELATIONS = (
    """
MATCH (user:User {user_id: $user_id})
OPTIONAL MATCH (me:User {user_id: $caller_id})
"""
    + MUTUAL
    + "RETURN user {"
    + FLAGS
    + """, mutual_followers_number: size(mutual) } AS ties,
  EXISTS { ()-[:BLOCKED {from_id: $user_id, to_id: $caller_id}]->() } AS blocks_caller,
  COLLECT {
    UNWIND mutual AS friend
    WITH friend WHERE friend.username IS NOT NULL ORDER BY friend.username LIMIT 3
    RETURN friend {"""
    + SUMMARY_FIELDS
    + "}\n} AS mutual_followers"
)
READ_RELATIONS = """
UNWIND $user_ids AS user_id
RETURN collect({
  user_id: user_id,
  is_following: EXISTS { ()-[:FOLLOWING {from_id: $caller_id, to_id: user_id}]->() },
  is_follower: EXISTS { ()-[:FOLLOWING {from_id: user_id, to_id: $caller_id}]->() },
  is_blocked: EXISTS { ()-[:BLOCKED {from_id: $caller_id, to_id: user_id}]->() }
}) AS standings
"""

COUNT_EDGES = """
MATCH (u:User {user_id: $user_id})
RETURN count { (u)-[:FOLLOWING]->() } AS following, count { (u)<-[:FOLLOWING]-() } AS followers
"""

NO_USER_ID = "0" * 24
"""No user's id, but as long as one: a plan is kept for values of a type and a length (5.26, measured)."""


class RelationshipStore:
    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def find_profile_relations(self, user_id: str, *, caller_id: str | None) -> ProfileRelations:
        """One person as the caller sees them; the caller may be nobody, and either may not be in the graph yet."""
        record = await read_one(
            self._driver, READ_PROFILE_RELATIONS, user_id=user_id, caller_id=caller_id or NO_USER_ID, **LIMITS
        )
        if record is None:
            return ProfileRelations()
        return ProfileRelations(
            RelationCounts(**record["ties"]),
            record["blocks_caller"],
            [summary_from(node) for node in record["mutual_followers"]],
        )

    async def find_relations(self, user_ids: Sequence[str], *, caller_id: str) -> Sequence[Relation]:
        """How the caller stands to each of them, in their order."""
        record = await read_one(self._driver, READ_RELATIONS, user_ids=user_ids, caller_id=caller_id)
        return [Relation(**standing) for standing in record["standings"]] if record else []

    async def count_edges(self, user_id: str) -> EdgeCounts:
        """Degrees of the node, in constant time; zeros for a node that is not there yet."""
        record = await read_one(self._driver, COUNT_EDGES, user_id=user_id)
        return EdgeCounts(record["following"], record["followers"]) if record else EdgeCounts(0, 0)


def summary_from(row: dict[str, Any]) -> PersonSummary:
    return PersonSummary(
        user_id=row["user_id"],
        username=row["username"],
        role=Role(row["role"]),
        display_name=row["display_name"],
        avatar_ipfs_hash=row["avatar_ipfs_hash"],
    )
