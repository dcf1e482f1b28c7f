"""Backup and restore of all relationships.

The graph is newer than any backup file: a restore changes no existing edge, and restores no follow where there is a
block. Edges of users without a node are skipped: a user erased since the backup is not restored. Both nodes are
locked, as in every follow or block.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import LiteralString

from neo4j import READ_ACCESS, AsyncDriver

from adapters.neo4j.client import write_one
from domain.operations.graph_backup import EdgeKind, GraphEdge

FETCH_SIZE = 1_000

READ_ALL = """
MATCH (a:User)-[edge:FOLLOWING|FOLLOWING_PAUSED|BLOCKED|INTERESTS|DISMISSED]->(b)
WHERE a.user_id > '' AND coalesce(b.user_id, b.key) IS NOT NULL
RETURN type(edge) AS kind, a.user_id AS from_id, coalesce(b.user_id, b.key) AS to_id, properties(edge) AS facts
"""

PAIR = """
UNWIND $rows AS row
MATCH (lower:User {user_id: row.lower}) SET lower.user_id = row.lower
WITH row, lower
MATCH (higher:User {user_id: row.higher}) SET higher.user_id = row.higher
WITH row, CASE row.lower WHEN row.from_id THEN lower ELSE higher END AS a,
  CASE row.lower WHEN row.from_id THEN higher ELSE lower END AS b,
  EXISTS { ()-[:BLOCKED {from_id: row.from_id, to_id: row.to_id}]->() } AS blocks,
  EXISTS { ()-[:BLOCKED {from_id: row.to_id, to_id: row.from_id}]->() } AS is_blocked,
  EXISTS { ()-[:FOLLOWING {from_id: row.from_id, to_id: row.to_id}]->() }
    OR EXISTS { ()-[:FOLLOWING_PAUSED {from_id: row.from_id, to_id: row.to_id}]->() } AS follows,
  EXISTS { ()-[:FOLLOWING {from_id: row.to_id, to_id: row.from_id}]->() }
    OR EXISTS { ()-[:FOLLOWING_PAUSED {from_id: row.to_id, to_id: row.from_id}]->() } AS is_followed
"""

# A follow is visible while both its ends are active now, whatever they were when the file was written.
PUT_FOLLOWS = (
    PAIR
    + """
WITH row, a, b WHERE NOT (follows OR blocks OR is_blocked)
WITH row, a, b, coalesce(a.is_active, true) AND coalesce(b.is_active, true) AS is_seen
FOREACH (_ IN CASE WHEN is_seen THEN [1] ELSE [] END | CREATE (a)-[edge:FOLLOWING]->(b) SET edge = row.facts)
FOREACH (_ IN CASE WHEN is_seen THEN [] ELSE [1] END | CREATE (a)-[edge:FOLLOWING_PAUSED]->(b) SET edge = row.facts)
RETURN count(*) AS made
"""
)

PUT_BLOCKS = (
    PAIR
    + """
WITH row, a, b WHERE NOT (blocks OR follows OR is_followed)
CREATE (a)-[edge:BLOCKED]->(b) SET edge = row.facts
RETURN count(*) AS made
"""
)

PUT_DISMISSALS = (
    PAIR
    + """
WITH row, a, b WHERE NOT EXISTS { (a)-[:DISMISSED]->(b) }
CREATE (a)-[edge:DISMISSED]->(b) SET edge = row.facts
RETURN count(*) AS made
"""
)

PUT_INTERESTS = """
UNWIND $rows AS row
MATCH (a:User {user_id: row.from_id}) SET a.user_id = row.from_id
MERGE (interest:Interest {key: row.to_id})
WITH row, a, interest WHERE NOT EXISTS { (a)-[:INTERESTS]->(interest) }
CREATE (a)-[edge:INTERESTS]->(interest) SET edge = row.facts
RETURN count(*) AS made
"""

STATEMENTS: Mapping[EdgeKind, LiteralString] = {
    EdgeKind.FOLLOWING: PUT_FOLLOWS,
    EdgeKind.FOLLOWING_PAUSED: PUT_FOLLOWS,
    EdgeKind.BLOCKED: PUT_BLOCKS,
    EdgeKind.DISMISSED: PUT_DISMISSALS,
    EdgeKind.INTERESTS: PUT_INTERESTS,
}


class GraphBackupStore:
    """Reads all edges of the graph and restores missing ones. Raises the driver's errors."""

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def read_all(self) -> AsyncIterator[GraphEdge]:
        """Yield every relationship, fetched in pages. A concurrent change may or may not be included."""
        async with self._driver.session(default_access_mode=READ_ACCESS, fetch_size=FETCH_SIZE) as session:
            async for row in await session.run(READ_ALL):
                yield GraphEdge(EdgeKind(row["kind"]), row["from_id"], row["to_id"], row["facts"])

    async def restore(self, edges: Sequence[GraphEdge]) -> int:
        """Create the edges that are missing. Returns how many were created. Idempotent."""
        # A file has an edge twice when a user was deactivated or reactivated while it was written.
        rows = {(STATEMENTS[edge.kind], edge.from_id, edge.to_id): _row(edge) for edge in edges}
        made = 0
        for statement in {statement for statement, *_ in rows}:
            batch = [row for (row_statement, *_), row in rows.items() if row_statement == statement]
            record = await write_one(self._driver, statement, rows=batch)
            made += int(record["made"]) if record else 0
        return made


def _row(relationship: GraphEdge) -> dict[str, object]:
    pair = {"from_id": relationship.from_id, "to_id": relationship.to_id}
    facts = (
        dict(relationship.properties)
        if relationship.kind is EdgeKind.INTERESTS
        else {**relationship.properties, **pair}
    )
    return {**pair, "lower": min(pair.values()), "higher": max(pair.values()), "facts": facts}
