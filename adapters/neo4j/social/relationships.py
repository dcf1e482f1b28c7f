"""Relations between users, as the caller may see them: one statement, whatever the number of followers."""

from collections.abc import Sequence
from typing import Any

from neo4j import AsyncDriver

from adapters.batching import Batches
from adapters.neo4j.client import read_one
from domain.social.relationships import EdgeCounts, PersonSummary, ProfileRelations, Relation, RelationCounts
from domain.users.users import Role

SUMMARY_FIELDS = ".user_id, .username, .role, .display_name, .avatar_ipfs_hash"

# Fields of `user`, relative to `me`, which may be null; the entries of a map literal.
FLAGS = """
  following_number: count { (user)-[:FOLLOWING]->() },
  followers_number: count { (user)<-[:FOLLOWING]-() },
  is_following: EXISTS { ()-[:FOLLOWING {from_id: me.user_id, to_id: user.user_id}]->() },
  is_follower: EXISTS { ()-[:FOLLOWING {from_id: user.user_id, to_id: me.user_id}]->() },
  is_blocked: EXISTS { ()-[:BLOCKED {from_id: me.user_id, to_id: user.user_id}]->() }"""

MAX_FRIENDS = 10_000
"""Mutual followers are looked for among this many of the users the caller follows."""
MAX_FOLLOWERS = 20_000
"""Up to this many followers of a user are scanned; with more, each user the caller follows is looked up instead."""
LIMITS: dict[str, object] = {"most_friends": MAX_FRIENDS, "most_followers": MAX_FOLLOWERS}

# Binds `mutual`: active users whom `me` follows and who follow `user`. As one pattern it would be planned as a scan of
# all edges (5.26, measured).
MUTUAL = """
WITH *, COLLECT { MATCH (me)-[:FOLLOWING]->(friend:User) RETURN friend LIMIT $most_friends } AS friends
WITH *, CASE WHEN count { (user)<-[:FOLLOWING]-() } <= $most_followers
  THEN COLLECT { MATCH (user)<-[:FOLLOWING]-(friend) WHERE friend IN friends AND friend.is_active RETURN friend }
  ELSE COLLECT {
    UNWIND friends AS friend
    WITH friend WHERE friend.is_active AND EXISTS { ()-[:FOLLOWING {from_id: friend.user_id, to_id: user.user_id}]->() }
    RETURN friend
  } END AS mutual
"""

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
    WITH friend ORDER BY friend.username LIMIT 3
    RETURN friend {"""
    + SUMMARY_FIELDS
    + "}\n} AS mutual_followers"
)
# The edges of a user who has just been deactivated are paused a moment later, hence `is_active`.
READ_RELATIONS = """
UNWIND $user_ids AS user_id
RETURN collect({
  user_id: user_id,
  is_following: EXISTS { ()-[:FOLLOWING {from_id: $caller_id, to_id: user_id}]->(user) WHERE user.is_active },
  is_follower: EXISTS { (user)-[:FOLLOWING {from_id: user_id, to_id: $caller_id}]->() WHERE user.is_active },
  is_blocked: EXISTS { ()-[:BLOCKED {from_id: $caller_id, to_id: user_id}]->() }
}) AS standings
"""

COUNT_EDGES = """
UNWIND $user_ids AS user_id
OPTIONAL MATCH (u:User {user_id: user_id})
RETURN collect([count { (u)-[:FOLLOWING]->() }, count { (u)<-[:FOLLOWING]-() }]) AS counts
"""

NO_USER_ID = "0" * 24
"""An id of no user, of the usual length: a plan is cached by type and length of a value (5.26, measured)."""


class RelationshipStore:
    """Reads relations between the caller and other users. Raises ServiceUnavailable on a timeout."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver
        self._edge_counts = Batches(self._count_edges)

    async def find_profile_relations(self, user_id: str, *, caller_id: str | None) -> ProfileRelations:
        """Return one user's relations as the caller sees them; defaults for a user not in the graph yet.

        `caller_id` is None for an anonymous caller; the caller need not be in the graph.
        """
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
        """Return the caller's relation to each user, in the order of `user_ids`."""
        record = await read_one(self._driver, READ_RELATIONS, user_ids=user_ids, caller_id=caller_id)
        return [Relation(**standing) for standing in record["standings"]] if record else []

    async def count_edges(self, user_id: str) -> EdgeCounts:
        """Return how many users the user follows and is followed by, in constant time; zeros without a node."""
        return await self._edge_counts.run(user_id)

    async def _count_edges(self, user_ids: Sequence[str]) -> Sequence[EdgeCounts]:
        record = await read_one(self._driver, COUNT_EDGES, user_ids=user_ids)
        return [EdgeCounts(*counts) for counts in record["counts"]] if record else []


def summary_from(row: dict[str, Any]) -> PersonSummary:
    """Return the summary from a map of SUMMARY_FIELDS. Raises ValueError for an unknown role."""
    return PersonSummary(
        user_id=row["user_id"],
        username=row["username"],
        role=Role(row["role"]),
        display_name=row["display_name"],
        avatar_ipfs_hash=row["avatar_ipfs_hash"],
    )
