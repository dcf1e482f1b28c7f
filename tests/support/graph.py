"""Users in the graph of the tests, and their edges, as the product writes them once all intents are closed."""

from typing import Any, LiteralString

from bson import ObjectId

from adapters.resources import Resources
from domain.users.users import GraphUser
from tests.support.people import SignedIn
from tests.support.polling import eventually

FOLLOW = """
MERGE (a:User {user_id: $a}) MERGE (b:User {user_id: $b})
MERGE (a)-[f:FOLLOWING {from_id: $a, to_id: $b}]->(b) SET f.created_at = timestamp()
"""
BLOCK = """
MERGE (a:User {user_id: $a}) MERGE (b:User {user_id: $b})
MERGE (a)-[f:BLOCKED {from_id: $a, to_id: $b}]->(b) SET f.created_at = timestamp()
"""


EDGES = """
MATCH (a:User {user_id: $a})-[edge]->(b:User {user_id: $b})
RETURN type(edge) AS kind, properties(edge) AS facts ORDER BY kind
"""


async def edges(resources: Resources, one: SignedIn, other: SignedIn) -> list[tuple[str, dict[str, Any]]]:
    """Every edge from one to the other, with what it holds."""
    found = await resources.clients.neo4j.execute_query(EDGES, a=one.user["_id"], b=other.user["_id"])
    return [(record["kind"], record["facts"]) for record in found.records]


async def kinds(resources: Resources, one: SignedIn, other: SignedIn) -> list[str]:
    return [kind for kind, _ in await edges(resources, one, other)]


async def follow(resources: Resources, one: SignedIn, other: SignedIn) -> None:
    await _join(resources, FOLLOW, one, other)


async def block(resources: Resources, one: SignedIn, other: SignedIn) -> None:
    await _join(resources, BLOCK, one, other)


async def graph_user(resources: Resources, person: SignedIn) -> GraphUser:
    """The account as its node shows it."""
    user = await resources.users.users.find_graph_user(person.user["_id"])
    assert user is not None
    return user


async def graph_users(resources: Resources, one: SignedIn, other: SignedIn) -> tuple[GraphUser, GraphUser]:
    """The ends of an edge, as routes read them."""
    return await graph_user(resources, one), await graph_user(resources, other)


async def project(resources: Resources, *people: SignedIn) -> None:
    """Bring these accounts into the graph, as GraphSync does."""
    for person in people:
        await resources.users.nodes.put(await graph_user(resources, person))


async def names_in_graph(resources: Resources, user_id: str) -> tuple[Any, ...] | None:
    found = await resources.clients.neo4j.execute_query(
        "MATCH (u:User {user_id: $id}) RETURN u.username, u.display_name, u.avatar_ipfs_hash, u.role", id=user_id
    )
    return tuple(found.records[0]) if found.records else None


async def synced(resources: Resources, user_id: str, *, within: float = 15) -> None:
    """Return once this account has no open sync intent."""

    async def is_closed() -> bool:
        found = await resources.clients.database["users"].find_one({"_id": ObjectId(user_id)}, {"sync_open_since": 1})
        return found is not None and "sync_open_since" not in found

    await eventually(is_closed, within=within)


async def _join(resources: Resources, statement: LiteralString, one: SignedIn, other: SignedIn) -> None:
    await resources.clients.neo4j.execute_query(statement, a=one.user["_id"], b=other.user["_id"])
