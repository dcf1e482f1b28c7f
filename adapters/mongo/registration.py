"""Holds on names, and the one transaction that turns a hold into an account."""

from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.mongo.client import Client, Database, Document
from adapters.mongo.sessions import SessionStore
from adapters.mongo.transactions import in_transaction
from domain.devices import DeviceFacts
from domain.email_address import email_key
from domain.registration import Creation
from domain.sessions import Session
from domain.username import username_key
from domain.users import NewUser, Role


class RegistrationStore:
    def __init__(self, client: Client, database: Database, sessions: SessionStore) -> None:
        self._client = client
        self._sessions = sessions
        self._users = database["users"]
        self._holds = database["holds"]

    async def take_hold(self, key: str, *, owner: str, until: datetime, now: datetime) -> bool:
        """Hold a hashed name for `owner`; True when it is theirs. Taking it twice is taking it once."""
        try:
            await self._take(key, owner=owner, until=until, now=now)
        except DuplicateKeyError:
            return False
        return True

    async def release_hold(self, key: str, *, owner: str) -> None:
        await self._holds.delete_one({"key": key, "owner": owner})

    async def is_held(self, key: str, now: datetime) -> bool:
        return await self._holds.find_one({"key": key, "until": {"$gte": now}}, {"_id": 1}) is not None

    async def create_user(
        self, new: NewUser, *, hold_key: str, owner: str, first: tuple[Session, DeviceFacts] | None
    ) -> Creation:
        """Account made, hold gone, sync intent open, first session there: all or nothing, in one transaction.

        Keyed by `new.user_id` and the session's id: doing it twice is doing it once.
        """
        document = _new_document(new)

        async def work(inner: AsyncClientSession) -> None:
            now = new.created_at
            await self._take(hold_key, owner=owner, until=now, now=now, session=inner)
            await self._users.insert_one(document, session=inner)
            await self._holds.delete_one({"key": hold_key, "owner": owner}, session=inner)
            if first:
                await self._sessions.open_within(inner, *first)

        try:
            await in_transaction(self._client, work)
        except DuplicateKeyError:
            return await self._lost_race(document)
        return Creation.CREATED

    async def _take(
        self,
        key: str,
        *,
        owner: str,
        until: datetime,
        now: datetime,
        session: AsyncClientSession | None = None,
    ) -> None:
        """Raises DuplicateKeyError while somebody else's hold is alive: the unique index decides."""
        free_or_mine = {"key": key, "$or": [{"until": {"$lt": now}}, {"owner": owner}]}
        hold = {"owner": owner, "until": until, "reason": "registration"}
        await self._holds.update_one(free_or_mine, {"$set": hold}, upsert=True, session=session)

    async def _lost_race(self, document: Document) -> Creation:
        if await self._users.find_one({"_id": document["_id"]}, {"_id": 1}):
            return Creation.CREATED
        if await self._users.find_one({"email_key": document["email_key"]}, {"_id": 1}):
            return Creation.EMAIL_TAKEN
        return Creation.USERNAME_TAKEN


def _new_document(new: NewUser) -> Document:
    return {
        "_id": ObjectId(new.user_id),
        "username": new.username,
        "username_key": username_key(new.username),
        "email": new.email_address,
        "email_key": email_key(new.email_address),
        "password_hashed": new.password_hashed,
        "display_name": new.username,
        "bio": "",
        "avatar_ipfs_hash": None,
        "role": Role.USER,
        "is_active": True,
        "last_login": None,
        "last_username_change": None,
        "last_email_change": None,
        "session_epoch": 0,
        "profile_version": 1,
        "synced_version": 0,
        "sync_open_since": new.created_at,
        "wallet_count": 0,
        "createdAt": new.created_at,
        "updatedAt": new.created_at,
    }
