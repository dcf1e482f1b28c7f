"""Password hashes and what their change does to sessions."""

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Client, Database, Document
from adapters.mongo.security_events import SecurityEventStore
from adapters.mongo.transactions import in_transaction
from domain.security_events import SecurityEvent


class PasswordStore:
    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self._users = database["users"]
        self._sessions = database["sessions"]
        self._events = SecurityEventStore(database)

    async def change(self, event: SecurityEvent, password_hashed: str, *, keep_session: str | None) -> bool:
        """New hash, new session epoch, all sessions but the kept one ended, and the event: all or nothing.

        Keyed by the event: changing twice is changing once. False for an account that is not there.
        """
        return await in_transaction(
            self._client, lambda inner: self._change(inner, event, password_hashed, keep_session)
        )

    async def upgrade(self, user_id: str, *, old: str, new: str) -> None:
        """The same password under today's parameters, unless it was changed meanwhile."""
        same = {"_id": ObjectId(user_id), "password_hashed": old}
        await self._users.update_one(same, {"$set": {"password_hashed": new}})

    async def _change(
        self, inner: AsyncClientSession, event: SecurityEvent, password_hashed: str, keep_session: str | None
    ) -> bool:
        if await self._events.is_recorded(event.event_id, inner):
            return True
        user_id = ObjectId(event.user_id)
        change: Document = {
            "$set": {"password_hashed": password_hashed, "updatedAt": event.at},
            "$inc": {"session_epoch": 1},
        }
        user = await self._users.find_one_and_update(
            {"_id": user_id}, change, projection={"session_epoch": 1}, session=inner
        )
        if user is None:
            return False
        others = {"user_id": user_id, "is_active": True}
        if keep_session:
            kept = {"_id": ObjectId(keep_session)}
            epoch = {"$set": {"epoch": user["session_epoch"] + 1}}
            await self._sessions.update_one(kept, epoch, session=inner)
            others["_id"] = {"$ne": ObjectId(keep_session)}
        ended = {"is_active": False, "revoked_at": event.at, "revoke_reason": event.kind, "updatedAt": event.at}
        await self._sessions.update_many(others, {"$set": ended}, session=inner)
        await self._events.record(event, inner)
        return True
