"""An app's own permissions, which its services ask for by `POST /access/decide`."""

from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Database
from adapters.mongo.idempotency import Receipt, insert_receipt
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.users.access_guard import AccessGuard
from adapters.mongo.users.access_head import AccessHead
from adapters.mongo.users.role_holders import is_granted
from domain.journal.occurrences import Occurrence, OccurrenceType, Party, PartyKind, user_party
from domain.users.access import Access
from domain.users.errors import (
    PermissionExists,
    PermissionInUse,
    PermissionLimit,
    PermissionNotFound,
    SystemPermission,
)
from domain.users.grants import GrantKind
from domain.users.permissions import PERMISSIONS, Permission, PermissionSpec
from domain.users.role_graph import MAX_PERMISSIONS


class PermissionStore:
    """Creates and deletes permissions, each with its occurrence. `author`: the user who does it."""

    def __init__(self, database: Database, occurrences: OccurrenceStore, head: AccessHead, guard: AccessGuard) -> None:
        self._database = database
        self._permissions = database["permissions"]
        self._occurrences = occurrences
        self._head = head
        self._guard = guard

    async def create(self, spec: PermissionSpec, *, author: str, now: datetime, receipt: Receipt | None) -> int:
        """Add the permission, which admins have from now on, and return the new version.

        Raises Forbidden, PermissionExists, PermissionLimit, AlreadyAnswered.
        """

        async def work(tx: AsyncClientSession, access: Access) -> int:
            await self._guard.require_right(tx, access, author, Permission.PERMISSIONS_MANAGE, now)
            if spec.name in access.permissions:
                raise PermissionExists
            if len(access.own_permissions) >= MAX_PERMISSIONS:
                raise PermissionLimit
            document = {"name": spec.name, "description": spec.description, "needs": list(spec.needs), "createdAt": now}
            await self._permissions.insert_one(document, session=tx)
            await self._finish(tx, OccurrenceType.PERMISSION_CREATED, spec.name, author, now)
            await insert_receipt(self._database, receipt, tx)
            return access.version + 1

        return await self._head.change(work)

    async def delete(self, name: str, *, author: str, now: datetime) -> int:
        """Delete a permission that no grant gives and no role contains, and return the new version.

        Raises PermissionNotFound, SystemPermission, PermissionInUse, Forbidden.
        """
        if name in PERMISSIONS:
            raise SystemPermission

        async def work(tx: AsyncClientSession, access: Access) -> int:
            await self._guard.require_right(tx, access, author, Permission.PERMISSIONS_MANAGE, now)
            if name not in access.own_permissions:
                raise PermissionNotFound
            is_included = any(name in role.permissions for role in access.custom_roles)
            if is_included or await is_granted(self._database, GrantKind.PERMISSION, name, now, tx):
                raise PermissionInUse
            await self._permissions.delete_one({"name": name}, session=tx)
            await self._finish(tx, OccurrenceType.PERMISSION_DELETED, name, author, now)
            return access.version + 1

        return await self._head.change(work)

    async def _finish(
        self, tx: AsyncClientSession, kind: OccurrenceType, name: str, author: str, now: datetime
    ) -> None:
        await self._head.move(tx)
        subject = Party(PartyKind.PERMISSION, name)
        await self._occurrences.record_new(Occurrence(str(ObjectId()), kind, now, user_party(author), subject), tx)
