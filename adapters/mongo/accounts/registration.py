"""Holds on names, and the one transaction that turns a hold into an account."""

from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.crypto.hashes import Hashes
from adapters.mongo.accounts.reservations import Holds
from adapters.mongo.auth.sessions import SessionStore
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from domain.accounts.registration import Creation
from domain.auth.sessions import Opening
from domain.email_address import email_key
from domain.username import username_key
from domain.users.users import NewUser, Role

REASON = "registration"


class RegistrationStore:
    def __init__(self, client: Client, database: Database, sessions: SessionStore, hashes: Hashes) -> None:
        self._client = client
        self._sessions = sessions
        self._users = database["users"]
        self._holds = Holds(database)
        self._hashes = hashes

    async def take_hold(self, key: str, *, owner: str, until: datetime, now: datetime) -> bool:
        """Hold a hashed name for `owner`; True when it is theirs. Taking it twice is taking it once."""
        try:
            await self._holds.take(key, owner=owner, until=until, now=now, reason=REASON)
        except DuplicateKeyError:
            return False
        return True

    async def release_hold(self, key: str, *, owner: str) -> None:
        await self._holds.release(key, owner=owner)

    async def is_held(self, key: str, now: datetime) -> bool:
        return await self._holds.owner_of(key, now) is not None

    async def create_user(self, new: NewUser, *, hold_key: str, owner: str, first: Opening | None) -> Creation:
        """Account made, hold gone, sync intent open, first session there: all or nothing, in one transaction.

        Keyed by `new.user_id` and the session's id: doing it twice is doing it once.
        """
        document = _new_document(new)

        async def work(inner: AsyncClientSession) -> Creation:
            now = new.created_at
            if await self._holds.owner_of(self._hashes.email_hold(document["email_key"]), now, inner):
                return await self._lost_race(document, Creation.EMAIL_TAKEN)
            await self._holds.take(hold_key, owner=owner, until=now, now=now, reason=REASON, inner=inner)
            await self._users.insert_one(document, session=inner)
            await self._holds.release(hold_key, owner=owner, inner=inner)
            if first:
                await self._sessions.open_within(inner, first)
            return Creation.CREATED

        try:
            return await in_transaction(self._client, work)
        except DuplicateKeyError:
            return await self._lost_race(document, Creation.USERNAME_TAKEN)

    async def _lost_race(self, document: Document, otherwise: Creation) -> Creation:
        """An account that was made before is no race; after that the address counts before the name."""
        if await self._users.find_one({"_id": document["_id"]}, {"_id": 1}):
            return Creation.CREATED
        if await self._users.find_one({"email_key": document["email_key"]}, {"_id": 1}):
            return Creation.EMAIL_TAKEN
        return otherwise


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
