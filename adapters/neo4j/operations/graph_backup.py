"""All relationships, read one after the other, and put back where they are missing.

What is in the graph now is newer than any file: nothing of it is changed, and a follow is not put back where there is a
block. Whoever has no node is nobody: a person erased since then does not come back. Both nodes are locked, as by any
follow or block.
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

# An edge is in sight while both its ends are active, whatever they were when the file was written.
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
    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def read_all(self) -> AsyncIterator[GraphEdge]:
        """Every relationship, person by person, pulled a page at a time. What changes meanwhile is in it or not."""
        async with self._driver.session(default_access_mode=READ_ACCESS, fetch_size=FETCH_SIZE) as session:
            async for row in await session.run(READ_ALL):
                yield GraphEdge(EdgeKind(row["kind"]), row["from_id"], row["to_id"], row["facts"])

    async def restore(self, edges: Sequence[GraphEdge]) -> int:
        """Put back those that are missing. Returns how many; safe to repeat."""
        # One and the same may be in a file twice, when somebody left or came back while it was written.
        rows = {(STATEMENTS[each.kind], each.from_id, each.to_id): _row(each) for each in edges}
        made = 0
        for statement in {statement for statement, *_ in rows}:
            theirs = [row for (belongs_to, *_), row in rows.items() if belongs_to == statement]
            record = await write_one(self._driver, statement, rows=theirs)
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
