"""The opening of a session, in one transaction that reads the account as it is then.

Whatever may forbid the opening or be copied into the session (epoch, role, username, second factor, wallets) is changed
together with a write to the account's document, and so is a session opened: of two at once, one retries and reads what
the other has written.
"""

from dataclasses import replace
from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.mongo.auth.sessions import NEWEST_FIRST, ended_fields, session_from
from adapters.mongo.auth.two_factor import is_second_factor_on
from adapters.mongo.auth.wallets import owned_by
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from domain.auth.devices import DeviceInfo
from domain.auth.sessions import (
    MAX_SESSIONS_PER_USER,
    AuthStrength,
    NewSession,
    OpeningOutcome,
    Session,
    SessionOpening,
)
from domain.users.users import Role


class SignInStore:
    """Opens sessions."""

    def __init__(self, client: Client, database: Database, events: SecurityEventStore) -> None:
        self._client = client
        self._database = database
        self._sessions = database["sessions"]
        self._devices = database["device_fingerprints"]
        self._users = database["users"]
        self._wallets = database["wallets"]
        self._events = events

    async def open(self, opening: NewSession) -> SessionOpening:
        """Write session, device, `last_login` and the event in one transaction. The 21st session ends the oldest.

        Username and role are the account's, whatever `opening` says. Idempotent: keyed by the session's id; a session
        that was opened before is returned as it is, also when it was revoked or the account has changed since. Nothing
        is written for an outcome other than OPENED.
        """

        async def work(tx: AsyncClientSession) -> SessionOpening:
            opened = await self._open(tx, opening)
            if opened.session is None:
                await tx.abort_transaction()
            return opened

        try:
            opened = await in_transaction(self._client, work)
        except DuplicateKeyError:
            if earlier := await self._find_opened(opening):
                return earlier
            raise
        return opened if opened.session else await self._find_opened(opening) or opened

    async def open_first_within(self, tx: AsyncClientSession, opening: NewSession) -> None:
        """Do the writes of `open` for an account that the caller's transaction has just created, with its `last_login`.

        It has no other session that might be one too many.
        """
        await self._sessions.insert_one(_new_document(opening.session), session=tx)
        await self._trust_device(tx, opening)
        await self._events.record(opening.event, tx)

    async def _find_opened(self, opening: NewSession) -> SessionOpening | None:
        """Return the session as an earlier call has opened it. Looked for last, since hardly any call is a repeat."""
        known = await self._sessions.find_one({"_id": ObjectId(opening.session.session_id)})
        return SessionOpening(OpeningOutcome.OPENED, session_from(known)) if known else None

    async def _open(self, tx: AsyncClientSession, opening: NewSession) -> SessionOpening:
        session = opening.session
        same = {"_id": ObjectId(session.user_id), "is_active": True, "session_epoch": session.epoch}
        account = await self._users.find_one_and_update(same, _login(opening), session=tx)
        if account is None:
            return SessionOpening(OpeningOutcome.GONE)
        if missing := await self._find_missing_proof(tx, opening):
            return SessionOpening(missing)
        session = replace(session, username=account["username"], role=Role(account["role"]))
        is_written = await self._write(tx, replace(opening, session=session))
        return SessionOpening(OpeningOutcome.OPENED, session) if is_written else SessionOpening(OpeningOutcome.GONE)

    async def _find_missing_proof(self, tx: AsyncClientSession, opening: NewSession) -> OpeningOutcome | None:
        session, wallet = opening.session, opening.wallet_address
        if wallet and await self._wallets.find_one(owned_by(session.user_id, wallet), {"_id": 1}, session=tx) is None:
            return OpeningOutcome.WALLET_UNLINKED
        if AuthStrength.OTP in session.auth_strength:
            return None
        is_on = await is_second_factor_on(self._database, session.user_id, tx)
        return OpeningOutcome.SECOND_FACTOR_MISSING if is_on else None

    async def _write(self, tx: AsyncClientSession, opening: NewSession) -> bool:
        """Write all but the account. False, and the caller aborts, when the device is not trusted (any more)."""
        session = opening.session
        await self._sessions.insert_one(_new_document(session), session=tx)
        if not await self._trust_device(tx, opening):
            return False
        await self._end_oldest(tx, ObjectId(session.user_id), session.created_at)
        await self._events.record(opening.event, tx)
        return True

    async def _trust_device(self, tx: AsyncClientSession, opening: NewSession) -> bool:
        """Trust a device proved during the sign-in. False for any other device that is not trusted (any more)."""
        session, device = opening.session, opening.device
        known: Document = {"user_id": ObjectId(session.user_id), "fingerprint_hashed": device.fingerprint}
        now, seen = session.created_at, _seen_fields(device, session.created_at)
        if not opening.trusts_device:
            trusted = known | {"is_trusted": True}
            return (await self._devices.update_one(trusted, {"$set": seen}, session=tx)).matched_count == 1
        first = {"_id": ObjectId(session.device_id), "createdAt": now}
        proved = seen | {"is_trusted": True, "trusted_at": now}
        await self._devices.update_one(known, {"$setOnInsert": first, "$set": proved}, upsert=True, session=tx)
        return True

    async def _end_oldest(self, tx: AsyncClientSession, user_id: ObjectId, now: datetime) -> None:
        active = {"user_id": user_id, "is_active": True}
        surplus = self._sessions.find(active, {"_id": 1}, session=tx).sort(NEWEST_FIRST).skip(MAX_SESSIONS_PER_USER)
        ids = [document["_id"] for document in await surplus.to_list()]
        if ids:
            await self._sessions.update_many({"_id": {"$in": ids}}, {"$set": ended_fields("too_many", now)}, session=tx)


def _login(opening: NewSession) -> Document:
    # The counter makes it a write even for two sign-ins within one millisecond.
    return {"$set": {"last_login": opening.session.created_at}, "$inc": {"locks": 1}}


def _seen_fields(device: DeviceInfo, now: datetime) -> Document:
    return {"browser": device.browser, "device": device.device, "last_seen_at": now, "updatedAt": now}


def _new_document(session: Session) -> Document:
    return {
        "_id": ObjectId(session.session_id),
        "user_id": ObjectId(session.user_id),
        "username": session.username,
        "role": session.role,
        "device_fingerprint_id": ObjectId(session.device_id),
        "app": session.app,
        "generation": session.generation,
        "rotated_at": session.created_at,
        "confirmed_at": None,
        "auth_strength": list(session.auth_strength),
        "stepped_up_at": session.stepped_up_at,
        "stepped_up_by": session.stepped_up_by,
        "epoch": session.epoch,
        "is_active": True,
        "expires_at": session.expires_at,
        "last_used_at": session.created_at,
        "createdAt": session.created_at,
        "updatedAt": session.created_at,
    }
