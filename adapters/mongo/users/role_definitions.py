"""An app's own roles: what each includes and adds. The graph of all roles stays without a cycle."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Database
from adapters.mongo.idempotency import Receipt, insert_receipt
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.users.access_guard import AccessGuard
from adapters.mongo.users.access_head import AccessHead, role_document, role_key
from adapters.mongo.users.role_holders import is_granted
from domain.journal.occurrences import Fact, Occurrence, OccurrenceType, Party, PartyKind, user_party
from domain.users.access import Access
from domain.users.errors import RoleExists, RoleInUse, RoleNotFound, SystemRole
from domain.users.grants import GrantKind
from domain.users.permissions import Permission
from domain.users.role_graph import RoleDefinition

Edit = Callable[[RoleDefinition], RoleDefinition]
MakeReceipt = Callable[[Access], Receipt | None]


class RoleDefinitionStore:
    """Creates, changes and deletes roles, each with its occurrence. `author`: the user who does it."""

    def __init__(self, database: Database, occurrences: OccurrenceStore, head: AccessHead, guard: AccessGuard) -> None:
        self._database = database
        self._roles = database["roles"]
        self._occurrences = occurrences
        self._head = head
        self._guard = guard

    async def create(self, role: RoleDefinition, *, author: str, now: datetime, receipt: MakeReceipt) -> Access:
        """Add the role and return all roles with it. `receipt`: of the answer, stored in the same transaction.

        Raises Forbidden, GrantTooWide, RoleExists, PermissionNotFound, AlreadyAnswered and what RoleGraph raises.
        """

        async def work(tx: AsyncClientSession, access: Access) -> Access:
            if role.name in access.graph.roles:
                raise RoleExists
            after = access.with_role(role)
            given = after.graph.contents(role.name)
            await self._guard.require_right(tx, access, author, Permission.ROLES_CREATE, now, given=given)
            times = {"createdAt": now, "updatedAt": now}
            await self._roles.insert_one(role_key(role) | role_document(role) | times, session=tx)
            await self._finish(tx, OccurrenceType.ROLE_CREATED, role, author, now)
            await insert_receipt(self._database, receipt(after), tx)
            return after

        return await self._head.change(work)

    async def edit(self, role_id: str, edit: Edit, *, author: str, now: datetime) -> Access:
        """Change the role and return all roles with it. What changes nothing is not recorded.

        Raises RoleNotFound, SystemRole, Forbidden, GrantTooWide, LastAdmin, PermissionNotFound and what RoleGraph
        raises.
        """
        return await self._head.change(partial(self._edit, role_id=role_id, edit=edit, author=author, now=now))

    async def _edit(
        self, tx: AsyncClientSession, access: Access, *, role_id: str, edit: Edit, author: str, now: datetime
    ) -> Access:
        old = _own_role(access, role_id)
        new = edit(old)
        after = access.with_role(new)
        given = after.graph.contents(new.name) - (access.graph.contents(old.name) if old.is_active else frozenset())
        await self._guard.require_right(tx, access, author, Permission.ROLES_UPDATE, now, given=given)
        if new == old:
            return access
        await self._roles.update_one(role_key(new), {"$set": role_document(new) | {"updatedAt": now}}, session=tx)
        if access.assigning_roles - after.assigning_roles:
            await self._guard.require_assigner(tx, after)
        await self._finish(tx, OccurrenceType.ROLE_UPDATED, new, author, now)
        return after

    async def delete(self, role_id: str, *, author: str, now: datetime) -> Access:
        """Delete a role that no grant gives and no other role includes, and return the remaining roles.

        Raises RoleNotFound, SystemRole, RoleInUse, Forbidden.
        """

        async def work(tx: AsyncClientSession, access: Access) -> Access:
            role = _own_role(access, role_id)
            await self._guard.require_right(tx, access, author, Permission.ROLES_DELETE, now)
            is_included = any(role.name in other.parents for other in access.custom_roles)
            if is_included or await is_granted(self._database, GrantKind.ROLE, role.name, now, tx):
                raise RoleInUse
            await self._roles.delete_one(role_key(role), session=tx)
            await self._finish(tx, OccurrenceType.ROLE_DELETED, role, author, now)
            return access.without_role(role)

        return await self._head.change(work)

    async def _finish(
        self, tx: AsyncClientSession, kind: OccurrenceType, role: RoleDefinition, author: str, now: datetime
    ) -> None:
        await self._head.move(tx)
        subject = Party(PartyKind.ROLE, role.name)
        occurrence = Occurrence(str(ObjectId()), kind, now, user_party(author), subject, public=_facts(role))
        await self._occurrences.record_new(occurrence, tx)


def _own_role(access: Access, role_id: str) -> RoleDefinition:
    role = access.graph.find(role_id)
    if role is None:
        raise RoleNotFound
    if role.is_system:
        raise SystemRole
    return role


def _facts(role: RoleDefinition) -> Mapping[str, Fact]:
    return {
        "parents": " ".join(sorted(role.parents)),
        "permissions": " ".join(sorted(role.permissions)),
        "is_active": int(role.is_active),
    }
