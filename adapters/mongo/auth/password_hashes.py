"""Password hashes, and the effect of their change on sessions."""

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.auth.sessions import SessionStore
from adapters.mongo.auth.two_factor import is_second_factor_on
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from domain.auth.sessions import Session
from domain.users.security_events import SecurityEvent


class PasswordStore:
    """Encoded password hashes, in the accounts' documents."""

    def __init__(self, client: Client, database: Database, events: SecurityEventStore, sessions: SessionStore) -> None:
        self._client = client
        self._database = database
        self._users = database["users"]
        self._sessions = sessions
        self._events = events

    async def find(self, user_id: str) -> str | None:
        """Return the encoded hash, with its parameters; None without an account."""
        document = await self._users.find_one({"_id": ObjectId(user_id)}, {"password_hashed": 1})
        return document["password_hashed"] if document else None

    async def change(self, event: SecurityEvent, password_hashed: str, *, keep_session: Session) -> bool:
        """Set the hash, end all sessions but the kept one by a new session epoch, record the event, in one transaction.

        Idempotent: keyed by the event. False when the account does not exist or the kept session has ended meanwhile.
        """
        user_id, kept, epoch = event.user_id, keep_session.session_id, keep_session.epoch
        account = {"_id": ObjectId(user_id), "session_epoch": epoch}

        async def work(tx: AsyncClientSession) -> bool:
            if await self._events.is_recorded(event.event_id, tx):
                return True
            is_set = await self._set(tx, event, account, password_hashed)
            if not (is_set and await self._sessions.move_to_next_epoch_within(tx, kept, user_id=user_id, epoch=epoch)):
                await tx.abort_transaction()
                return False
            await self._sessions.end_within(tx, event, keep=kept)
            await self._events.record(event, tx)
            return True

        return await in_transaction(self._client, work)

    async def reset(
        self,
        event: SecurityEvent,
        password_hashed: str,
        *,
        email_address: str | None,
        epoch: int | None,
        has_second_factor: bool,
    ) -> bool:
        """Set the hash, end all sessions by a new session epoch, record the event, in one transaction.

        `email_address`, `epoch`: the account's when the reset was asked for, None if not known; `has_second_factor`: as
        it was checked. Idempotent: keyed by the event. False when the account does not exist, when address or epoch are
        others by now, or when a second factor was enabled since the check.
        """
        known = {"email": email_address, "session_epoch": epoch}
        account = {"_id": ObjectId(event.user_id)} | {name: value for name, value in known.items() if value is not None}

        async def work(tx: AsyncClientSession) -> bool:
            if await self._events.is_recorded(event.event_id, tx):
                return True
            if not has_second_factor and await is_second_factor_on(self._database, event.user_id, tx):
                return False
            if not await self._set(tx, event, account, password_hashed):
                return False
            await self._sessions.end_within(tx, event)
            await self._events.record(event, tx)
            return True

        return await in_transaction(self._client, work)

    async def rehash(self, user_id: str, *, old: str, new: str) -> None:
        """Store the same password under the current parameters, unless it was changed meanwhile."""
        same = {"_id": ObjectId(user_id), "password_hashed": old}
        await self._users.update_one(same, {"$set": {"password_hashed": new}})

    async def _set(self, tx: AsyncClientSession, event: SecurityEvent, account: Document, password_hashed: str) -> bool:
        change: Document = {
            "$set": {"password_hashed": password_hashed, "updatedAt": event.at},
            "$inc": {"session_epoch": 1},
        }
        return (await self._users.update_one(account, change, session=tx)).matched_count == 1
