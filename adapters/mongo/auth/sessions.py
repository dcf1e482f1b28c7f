"""Sessions. A refresh is one compare-and-set of the generation; no token is stored."""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.mongo.auth.devices import device_from
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from adapters.mongo.users.users import user_from
from domain.auth.devices import Device, DeviceInfo
from domain.auth.sessions import IDLE_TTL, MAX_SESSIONS_PER_USER, AuthStrength, NewSession, Session
from domain.users.security_events import SecurityEvent
from domain.users.users import Role, User

WITH_USER = {"$lookup": {"from": "users", "localField": "user_id", "foreignField": "_id", "as": "user"}}
WITH_DEVICE = {
    "$lookup": {
        "from": "device_fingerprints",
        "localField": "device_fingerprint_id",
        "foreignField": "_id",
        "as": "device",
    }
}
NEWEST_FIRST = [("createdAt", -1), ("_id", -1)]


class SessionStore:
    """Opens, reads, refreshes and ends sessions, and keeps their devices."""

    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self._sessions = database["sessions"]
        self._devices = database["device_fingerprints"]
        self._users = database["users"]
        self._events = SecurityEventStore(database)

    async def open(self, opening: NewSession) -> bool:
        """Write session, device, `last_login` and the event in one transaction. The 21st session ends the oldest.

        Idempotent: keyed by the session's id; it never revives a revoked session. False, and nothing is written, when
        the account is no longer active or of this epoch, or the device is no longer trusted.
        """

        async def work(tx: AsyncClientSession) -> bool:
            is_open = await self.open_within(tx, opening)
            if not is_open:
                await tx.abort_transaction()
            return is_open

        try:
            return await in_transaction(self._client, work)
        except DuplicateKeyError:
            return True

    async def open_within(self, tx: AsyncClientSession, opening: NewSession) -> bool:
        """Do the writes of `open` in the caller's transaction. False as in `open`: the caller aborts then.

        Raises DuplicateKeyError when the session exists.
        """
        session = opening.session
        await self._sessions.insert_one(_new_document(session), session=tx)
        if not (await self._update_last_login(tx, session) and await self._trust_device(tx, opening)):
            return False
        await self._end_oldest(tx, ObjectId(session.user_id), session.created_at)
        await self._events.record(opening.event, tx)
        return True

    async def find(self, session_id: str) -> Session | None:
        """Return the session, ended or not; None when there is none with this id."""
        document = await self._sessions.find_one({"_id": ObjectId(session_id)})
        return _session(document) if document else None

    async def find_with_user(self, session_id: str) -> tuple[Session, User] | None:
        """Return a session and its account, in one round trip; None when one of them does not exist."""
        cursor = await self._sessions.aggregate([{"$match": {"_id": ObjectId(session_id)}}, WITH_USER])
        documents = await cursor.to_list(1)
        if not documents or not documents[0]["user"]:
            return None
        return _session(documents[0]), user_from(documents[0]["user"][0])

    async def find_with_device(self, session_id: str) -> tuple[Session, User, Device] | None:
        """Return a session, its account and its device, in one round trip; None when one does not exist."""
        match = {"$match": {"_id": ObjectId(session_id)}}
        documents = await (await self._sessions.aggregate([match, WITH_USER, WITH_DEVICE])).to_list(1)
        if not documents or not documents[0]["user"] or not documents[0]["device"]:
            return None
        document = documents[0]
        return _session(document), user_from(document["user"][0]), device_from(document["device"][0])

    async def list_active(self, user: User, now: datetime) -> Sequence[tuple[Session, Device]]:
        """Return the user's live sessions with their devices, newest first, in one round trip."""
        live = {
            "user_id": ObjectId(user.user_id),
            "is_active": True,
            "epoch": user.session_epoch,
            "expires_at": {"$gt": now},
            "last_used_at": {"$gt": now - IDLE_TTL},
        }
        stages: list[Document] = [
            {"$match": live},
            {"$sort": dict(NEWEST_FIRST)},
            {"$limit": MAX_SESSIONS_PER_USER},
            WITH_DEVICE,
        ]
        documents = await (await self._sessions.aggregate(stages)).to_list()
        return [(_session(document), device_from(document["device"][0])) for document in documents]

    async def filter_active(self, session_ids: Sequence[str], now: datetime) -> set[str]:
        """Return the ids of those sessions that have not ended, in one query."""
        live = {
            "_id": {"$in": list(map(ObjectId, session_ids))},
            "is_active": True,
            "expires_at": {"$gt": now},
            "last_used_at": {"$gt": now - IDLE_TTL},
        }
        return {str(document["_id"]) for document in await self._sessions.find(live, {"_id": 1}).to_list()}

    async def advance_generation(self, session_id: str, *, generation: int, now: datetime) -> Session | None:
        """Move a live session from `generation` to the next and return it.

        None when the session has ended or is of another generation.
        """
        current = {
            "_id": ObjectId(session_id),
            "generation": generation,
            "is_active": True,
            "expires_at": {"$gt": now},
            "last_used_at": {"$gt": now - IDLE_TTL},
        }
        step: Document = {
            "$inc": {"generation": 1},
            "$set": {"rotated_at": now, "last_used_at": now, "updatedAt": now, "confirmed_at": None},
        }
        document = await self._sessions.find_one_and_update(current, step, return_document=ReturnDocument.AFTER)
        return _session(document) if document else None

    async def confirm_generation(self, session_id: str, *, generation: int, now: datetime) -> None:
        """Record that the client has received the tokens of this generation."""
        unconfirmed = {"_id": ObjectId(session_id), "generation": generation, "confirmed_at": None}
        await self._sessions.update_one(unconfirmed, {"$set": {"confirmed_at": now}})

    async def record_step_up(self, session_id: str, *, auth_strength: AuthStrength, now: datetime) -> None:
        """Record that the user has just authenticated again, and by what."""
        proved = {"stepped_up_at": now, "stepped_up_by": auth_strength, "updatedAt": now}
        await self._sessions.update_one({"_id": ObjectId(session_id)}, {"$set": proved})

    async def end(self, session_id: str, now: datetime) -> None:
        """End a session without an event: its user has just signed out."""
        active = {"_id": ObjectId(session_id), "is_active": True}
        await self._sessions.update_one(active, {"$set": _ended("logout", now)})

    async def revoke(self, session_id: str, event: SecurityEvent) -> bool:
        """End one session of the event's user and record the event. False when there is none to end."""
        owned = {"_id": ObjectId(session_id), "user_id": ObjectId(event.user_id)}
        return await self._end_many(owned, event) == 1

    async def revoke_all(self, event: SecurityEvent, *, except_session: str | None = None) -> int:
        """End all sessions of the event's user and record the event, if there were any. Returns how many."""
        return await self._end_many({"user_id": ObjectId(event.user_id)} | _excluding(except_session), event)

    async def end_within(self, tx: AsyncClientSession, event: SecurityEvent, *, keep: str | None = None) -> int:
        """End the sessions of the event's user except `keep`, in the caller's transaction.

        Returns how many. The caller records the event.
        """
        return await self._end(tx, {"user_id": ObjectId(event.user_id)} | _excluding(keep), event)

    async def move_to_next_epoch_within(
        self, tx: AsyncClientSession, session_id: str, *, user_id: str, epoch: int
    ) -> bool:
        """Move a live session to the account's next epoch, in the caller's transaction, which raises it from `epoch`.

        False when the session has ended meanwhile.
        """
        live = {"_id": ObjectId(session_id), "user_id": ObjectId(user_id), "is_active": True, "epoch": epoch}
        moved = await self._sessions.update_one(live, {"$set": {"epoch": epoch + 1}}, session=tx)
        return moved.matched_count == 1

    async def revoke_device(self, device_id: str, event: SecurityEvent) -> bool:
        """Mark a device as untrusted, end its sessions and record the event, in one transaction.

        False when the event's user has no such trusted device.
        """

        async def work(tx: AsyncClientSession) -> bool:
            trusted = {"_id": ObjectId(device_id), "user_id": ObjectId(event.user_id), "is_trusted": True}
            untrusted = {"$set": {"is_trusted": False, "updatedAt": event.at}}
            if (await self._devices.update_one(trusted, untrusted, session=tx)).matched_count == 0:
                return False
            on_it = {"user_id": ObjectId(event.user_id), "device_fingerprint_id": ObjectId(device_id)}
            await self._end(tx, on_it, event)
            await self._events.record(event, tx)
            return True

        return await in_transaction(self._client, work)

    async def _update_last_login(self, tx: AsyncClientSession, session: Session) -> bool:
        same = {"_id": ObjectId(session.user_id), "is_active": True, "session_epoch": session.epoch}
        seen = {"$set": {"last_login": session.created_at}}
        return (await self._users.update_one(same, seen, session=tx)).matched_count == 1

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

    async def _end_many(self, query: Document, event: SecurityEvent) -> int:
        async def work(tx: AsyncClientSession) -> int:
            count = await self._end(tx, query, event)
            if count:
                await self._events.record(event, tx)
            return count

        return await in_transaction(self._client, work)

    async def _end(self, tx: AsyncClientSession, query: Document, event: SecurityEvent) -> int:
        """End those of `query` that are active, with the event's kind as reason. Returns how many."""
        over = {"$set": _ended(event.kind, event.at)}
        return (await self._sessions.update_many(query | {"is_active": True}, over, session=tx)).modified_count

    async def _end_oldest(self, tx: AsyncClientSession, user_id: ObjectId, now: datetime) -> None:
        active = {"user_id": user_id, "is_active": True}
        surplus = self._sessions.find(active, {"_id": 1}, session=tx).sort(NEWEST_FIRST).skip(MAX_SESSIONS_PER_USER)
        ids = [document["_id"] for document in await surplus.to_list()]
        if ids:
            await self._sessions.update_many({"_id": {"$in": ids}}, {"$set": _ended("too_many", now)}, session=tx)


def _excluding(session_id: str | None) -> Document:
    """Return the condition that excludes this session; an empty one for None."""
    return {"_id": {"$ne": ObjectId(session_id)}} if session_id else {}


def _ended(reason: str, now: datetime) -> Document:
    """Return the fields of an ended session."""
    return {"is_active": False, "revoked_at": now, "revoke_reason": reason, "updatedAt": now}


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


def _session(document: Document) -> Session:
    stepped_up_by = document.get("stepped_up_by")
    return Session(
        session_id=str(document["_id"]),
        user_id=str(document["user_id"]),
        username=document["username"],
        role=Role(document["role"]),
        device_id=str(document["device_fingerprint_id"]),
        app=document["app"],
        generation=document["generation"],
        auth_strength=tuple(AuthStrength(item) for item in document["auth_strength"]),
        epoch=document["epoch"],
        is_active=document["is_active"],
        confirmed_at=document["confirmed_at"],
        expires_at=document["expires_at"],
        last_used_at=document["last_used_at"],
        created_at=document["createdAt"],
        updated_at=document["updatedAt"],
        stepped_up_at=document.get("stepped_up_at"),
        stepped_up_by=AuthStrength(stepped_up_by) if stepped_up_by else None,
    )
