"""The one document that every change of who may do what writes, so that no two of them judge by the same past.

`moves` counts all such changes, `version` those of roles and permissions, which all processes keep in memory.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from domain.users.access import Access
from domain.users.permissions import Need, PermissionSpec
from domain.users.role_graph import RoleDefinition, RoleGraph

Result = TypeVar("Result")
Work = Callable[[AsyncClientSession, Access], Awaitable[Result]]

HEAD = {"_id": "head"}


class AccessHead:
    """Reads roles and permissions, and runs the transactions that change who may do what, one after the other."""

    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self._head = database["access_head"]
        self._roles = database["roles"]
        self._permissions = database["permissions"]
        self._turn = asyncio.Lock()
        """In one process they wait here, rather than repeat their transactions."""

    async def version(self) -> int:
        """Return the version of roles and permissions."""
        return _version(await self._head.find_one(HEAD))

    async def read(self, tx: AsyncClientSession | None = None) -> Access:
        """Return roles and permissions of one version: as the transaction sees them, or the newest committed ones."""
        if tx:
            return await self._read(tx)
        # One moment for all three, and one that no failover of MongoDB takes back: read apart they could be a mixture
        # that never held, or of a version that is given a second time.
        async with self._client.start_session(snapshot=True) as moment:
            return await self._read(moment)

    async def _read(self, tx: AsyncClientSession) -> Access:
        version = _version(await self._head.find_one(HEAD, session=tx))
        permissions = [_spec(each) async for each in self._permissions.find(session=tx)]
        roles = [_role(each) async for each in self._roles.find(session=tx)]
        graph = RoleGraph(roles, [spec.name for spec in permissions])
        return Access(version, graph, {spec.name: spec for spec in permissions})

    async def change(self, work: Work[Result]) -> Result:
        """Run `work` in a transaction with the access as it is then. No other change happens at the same time."""

        async def attempt(tx: AsyncClientSession) -> Result:
            await self.lock(tx)
            return await work(tx, await self.read(tx))

        async with self._turn:
            return await in_transaction(self._client, attempt)

    async def lock(self, tx: AsyncClientSession) -> None:
        """Write to the head: a change at the same time conflicts, and one of both repeats."""
        await self._head.update_one(HEAD, {"$inc": {"moves": 1}}, upsert=True, session=tx)

    async def move(self, tx: AsyncClientSession) -> None:
        """Raise the version: the transaction changes roles or permissions."""
        await self._head.update_one(HEAD, {"$inc": {"version": 1}}, upsert=True, session=tx)


def _version(head: Document | None) -> int:
    return int(head.get("version", 0)) if head else 0


def role_document(role: RoleDefinition) -> Document:
    """Return what is stored of the role, without its id and times."""
    return {
        "name": role.name,
        "display_name": role.display_name,
        "description": role.description,
        "parents": sorted(role.parents),
        "permissions": sorted(role.permissions),
        "is_active": role.is_active,
    }


def role_key(role: RoleDefinition) -> Document:
    """Return the query for the stored role."""
    return {"_id": ObjectId(role.role_id)}


def _role(document: Document) -> RoleDefinition:
    return RoleDefinition(
        role_id=str(document["_id"]),
        name=document["name"],
        display_name=document["display_name"],
        description=document["description"],
        parents=frozenset(document["parents"]),
        permissions=frozenset(document["permissions"]),
        is_active=document["is_active"],
    )


def _spec(document: Document) -> PermissionSpec:
    return PermissionSpec(document["name"], document["description"], tuple(map(Need, document["needs"])))
