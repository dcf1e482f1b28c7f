"""Roles. An admin may lose the role only while another admin remains, however many lose it concurrently."""

from dataclasses import replace

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from adapters.mongo.users.users import user_from, with_sync_intent
from domain.users.errors import LastAdmin, UserNotFound
from domain.users.security_events import SecurityEvent
from domain.users.users import Role, User


class RoleStore:
    """Changes roles, on accounts and their sessions."""

    def __init__(self, client: Client, database: Database, events: SecurityEventStore) -> None:
        self._client = client
        self._users = database["users"]
        self._sessions = database["sessions"]
        self._events = events

    async def change(self, event: SecurityEvent, role: Role) -> User:
        """Give the event's user this role, on the account and its sessions, and record the event, in one transaction.

        A user who has the role already keeps it, and nothing is recorded. Raises UserNotFound, LastAdmin.
        """
        return await in_transaction(self._client, lambda tx: self._change(tx, event, role))

    async def has_another_admin(self, user_id: str) -> bool:
        """Whether another account is an active admin."""
        return await self._users.find_one(_other_admins(user_id), {"_id": 1}) is not None

    async def _change(self, tx: AsyncClientSession, event: SecurityEvent, role: Role) -> User:
        active: Document = {"_id": ObjectId(event.user_id), "is_active": True}
        document = await self._users.find_one(active, session=tx)
        if document is None:
            raise UserNotFound
        if document["role"] == role:
            return user_from(document)
        if document["role"] == Role.ADMIN:
            await self.lock_another_admin(tx, event.user_id)
        await self._users.update_one(active, with_sync_intent({"role": role}, event.at), session=tx)
        open_sessions = {"user_id": active["_id"], "is_active": True}
        await self._sessions.update_many(open_sessions, {"$set": {"role": role}}, session=tx)
        details = {**event.details, "from": document["role"], "to": role}
        await self._events.record(replace(event, details=details), tx)
        return user_from({**document, "role": role, "updatedAt": event.at})

    async def lock_another_admin(self, tx: AsyncClientSession, user_id: str) -> None:
        """Write to another active admin's account: a concurrent change of that admin conflicts and retries.

        Raises LastAdmin when there is none.
        """
        locked = await self._users.update_one(_other_admins(user_id), {"$inc": {"vouches": 1}}, session=tx)
        if locked.matched_count == 0:
            raise LastAdmin


def _other_admins(user_id: str) -> Document:
    return {"_id": {"$ne": ObjectId(user_id)}, "role": Role.ADMIN, "is_active": True}
