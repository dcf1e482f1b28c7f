"""Password hashes, and the effect of their change on sessions."""

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.auth.sessions import SessionStore
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from domain.auth.sessions import Session
from domain.users.security_events import SecurityEvent


class PasswordStore:
    """Encoded password hashes, in the accounts' documents."""

    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self._users = database["users"]
        self._sessions = SessionStore(client, database)
        self._events = SecurityEventStore(database)

    async def find(self, user_id: str) -> str | None:
        """Return the encoded hash, with its parameters; None without an account."""
        document = await self._users.find_one({"_id": ObjectId(user_id)}, {"password_hashed": 1})
        return document["password_hashed"] if document else None

    async def change(
        self,
        event: SecurityEvent,
        password_hashed: str,
        *,
        keep_session: Session | None = None,
        email_address: str | None = None,
    ) -> bool:
        """Set the hash, end all sessions but the kept one by a new session epoch, record the event, in one transaction.

        Idempotent: keyed by the event. False when the account does not exist, when its mail address is not
        `email_address`, or when the kept session has ended meanwhile.
        """
        account: Document = {"_id": ObjectId(event.user_id)} | ({"email": email_address} if email_address else {})
        if keep_session:
            account["session_epoch"] = keep_session.epoch
        return await in_transaction(
            self._client, lambda tx: self._change(tx, event, account, password_hashed, keep_session)
        )

    async def rehash(self, user_id: str, *, old: str, new: str) -> None:
        """Store the same password under the current parameters, unless it was changed meanwhile."""
        same = {"_id": ObjectId(user_id), "password_hashed": old}
        await self._users.update_one(same, {"$set": {"password_hashed": new}})

    async def _change(
        self,
        tx: AsyncClientSession,
        event: SecurityEvent,
        account: Document,
        password_hashed: str,
        keep: Session | None,
    ) -> bool:
        if await self._events.is_recorded(event.event_id, tx):
            return True
        change: Document = {
            "$set": {"password_hashed": password_hashed, "updatedAt": event.at},
            "$inc": {"session_epoch": 1},
        }
        if (await self._users.update_one(account, change, session=tx)).matched_count == 0:
            return False
        if keep and not await self._sessions.move_to_next_epoch_within(
            tx, keep.session_id, user_id=event.user_id, epoch=keep.epoch
        ):
            await tx.abort_transaction()
            return False
        await self._sessions.end_within(tx, event, keep=keep.session_id if keep else None)
        await self._events.record(event, tx)
        return True
