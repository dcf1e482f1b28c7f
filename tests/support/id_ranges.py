"""Accounts of one test alone, at the very end of all ids: a comparison that begins there sees no others."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId

from activities.operations.graph_reconcile import ReconcilePosition
from adapters.resources import Resources

NODES = """
MATCH (u:User) WHERE u.user_id STARTS WITH $prefix RETURN properties(u) AS node ORDER BY u.user_id
"""
REMOVE = """
MATCH (u:User) WHERE u.user_id STARTS WITH $prefix CALL (u) { DETACH DELETE u } IN TRANSACTIONS OF 5000 ROWS
"""
FOLLOW_MANY = """
MATCH (star:User {user_id: $star})
UNWIND $fans AS fan
MATCH (u:User {user_id: fan})
CREATE (u)-[:FOLLOWING {from_id: fan, to_id: $star, created_at: 1}]->(star)
"""


@dataclass
class IdRange:
    """Accounts and nodes are made without one another, as no product would."""

    resources: Resources
    prefix: str = field(default_factory=lambda: "ffff" + secrets.token_hex(6))

    def id(self, number: int) -> str:
        return f"{self.prefix}{number:08x}"

    def ids(self, count: int) -> list[str]:
        return [self.id(number) for number in range(1, count + 1)]

    @property
    def start(self) -> ReconcilePosition:
        """Where a comparison of the island begins."""
        return ReconcilePosition(self.id(0), self.id(0))

    async def create_accounts(self, count: int, **facts: Any) -> None:
        """Insert accounts 1 to `count`, of version 1 and without a sync intent unless `facts` say otherwise."""
        await self.resources.clients.database["users"].insert_many(
            [self.account(number, **facts) for number in range(1, count + 1)]
        )

    def account(self, number: int, **facts: Any) -> dict[str, Any]:
        name = f"i{self.prefix[4:]}_{number}"
        return {
            "_id": ObjectId(self.id(number)),
            "username": name,
            "username_key": name,
            "email": f"{name}@people.test",
            "email_key": f"{name}@people.test",
            "display_name": f"Islander {number}",
            "avatar_ipfs_hash": None,
            "role": "user",
            "is_active": True,
            "profile_version": 1,
            **facts,
        }

    async def change(self, number: int, **fields: Any) -> None:
        """Set fields of an account directly in the store."""
        which = {"_id": ObjectId(self.id(number))}
        await self.resources.clients.database["users"].update_one(which, {"$set": fields})

    async def delete_account(self, number: int) -> None:
        """Delete the account, as a restored backup may."""
        await self.resources.clients.database["users"].delete_one({"_id": ObjectId(self.id(number))})

    async def project(self, *numbers: int) -> None:
        """Nodes of these accounts as they are now."""
        profiles = await self.resources.operations.projected_accounts.profiles([self.id(number) for number in numbers])
        await self.resources.operations.projected_nodes.put(profiles.users)

    async def node(self, user_id: str, **facts: Any) -> None:
        """A node that no account has asked for, or its properties."""
        statement = "MERGE (u:User {user_id: $id}) SET u += $facts"
        await self.resources.clients.neo4j.execute_query(statement, id=user_id, facts=facts)

    async def follow(self, one: int, other: int, *, at: int = 1) -> None:
        """The one follows the other."""
        statement = """
        MATCH (a:User {user_id: $a}) MATCH (b:User {user_id: $b})
        CREATE (a)-[:FOLLOWING {from_id: $a, to_id: $b, created_at: $at}]->(b)
        """
        await self.resources.clients.neo4j.execute_query(statement, a=self.id(one), b=self.id(other), at=at)

    async def follow_many(self, star: int, fans: Sequence[int]) -> None:
        """All of them follow the one."""
        ids = [self.id(number) for number in fans]
        await self.resources.clients.neo4j.execute_query(FOLLOW_MANY, star=self.id(star), fans=ids)

    async def unfollow(self, one: int, other: int) -> None:
        """The one follows the other no more."""
        statement = "MATCH (:User {user_id: $a})-[f:FOLLOWING]->(:User {user_id: $b}) DELETE f"
        await self.resources.clients.neo4j.execute_query(statement, a=self.id(one), b=self.id(other))

    async def nodes(self) -> list[dict[str, Any]]:
        """Properties of the island's nodes, in the order of ids."""
        found = await self.resources.clients.neo4j.execute_query(NODES, prefix=self.prefix)
        return [record["node"] for record in found.records]

    async def names(self) -> list[str | None]:
        """Display names of the nodes."""
        return [node.get("display_name") for node in await self.nodes()]

    async def remove_all(self) -> None:
        """The range is empty."""
        async with self.resources.clients.neo4j.session() as session:
            await (await session.run(REMOVE, prefix=self.prefix)).consume()
        first, last = ObjectId(self.prefix + "0" * 8), ObjectId(self.prefix + "f" * 8)
        here = {"$gte": first, "$lte": last}
        for collection in ("users", "tombstones"):
            await self.resources.clients.database[collection].delete_many({"_id": here})
        await self.resources.clients.database["follower_snapshots"].delete_many({"user_id": here})
