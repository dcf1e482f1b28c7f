"""Sessions. A refresh is one compare-and-set of the generation; no token is stored."""

from datetime import datetime

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users import user_from
from domain.devices import DeviceFacts
from domain.sessions import IDLE_LIFE, AuthStrength, Session
from domain.users import Role, User

WITH_USER = {
    "$lookup": {"from": "users", "localField": "user_id", "foreignField": "_id", "as": "user"},
}


class SessionStore:
    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self._sessions = database["sessions"]
        self._devices = database["device_fingerprints"]
        self._users = database["users"]

    async def open(self, session: Session, device: DeviceFacts) -> None:
        """Session, trusted device and `last_login` in one transaction.

        Keyed by the ids of both: opening again changes nothing, and never revives a revoked session.
        """
        await in_transaction(self._client, lambda inner: self.open_within(inner, session, device))

    async def open_within(self, inner: AsyncClientSession, session: Session, device: DeviceFacts) -> None:
        """The writes of `open`, inside a transaction that writes more."""
        now, user_id = session.created_at, ObjectId(session.user_id)
        opened = await self._sessions.update_one(
            {"_id": ObjectId(session.session_id)},
            {"$setOnInsert": _new_document(session)},
            upsert=True,
            session=inner,
        )
        if opened.upserted_id is None:
            return
        await self._devices.update_one(
            {"user_id": user_id, "fingerprint_hashed": device.fingerprint},
            {
                "$setOnInsert": {"_id": ObjectId(session.device_id), "createdAt": now},
                "$set": _trusted(device, now),
            },
            upsert=True,
            session=inner,
        )
        await self._users.update_one({"_id": user_id}, {"$set": {"last_login": now}}, session=inner)

    async def find(self, session_id: str) -> Session | None:
        document = await self._sessions.find_one({"_id": ObjectId(session_id)})
        return _session(document) if document else None

    async def find_with_user(self, session_id: str) -> tuple[Session, User] | None:
        """A session and its account in one round trip."""
        cursor = await self._sessions.aggregate([{"$match": {"_id": ObjectId(session_id)}}, WITH_USER])
        documents = await cursor.to_list(1)
        if not documents or not documents[0]["user"]:
            return None
        return _session(documents[0]), user_from(documents[0]["user"][0])

    async def advance(self, session_id: str, *, generation: int, now: datetime) -> Session | None:
        """Move a living session from `generation` to the next; None when it is not there any more."""
        current = {
            "_id": ObjectId(session_id),
            "generation": generation,
            "is_active": True,
            "expires_at": {"$gt": now},
            "last_used_at": {"$gt": now - IDLE_LIFE},
        }
        step: Document = {
            "$inc": {"generation": 1},
            "$set": {"rotated_at": now, "last_used_at": now, "updatedAt": now, "confirmed_at": None},
        }
        document = await self._sessions.find_one_and_update(current, step, return_document=ReturnDocument.AFTER)
        return _session(document) if document else None

    async def confirm(self, session_id: str, *, generation: int, now: datetime) -> None:
        """Note that the tokens of this generation have reached their owner."""
        unconfirmed = {"_id": ObjectId(session_id), "generation": generation, "confirmed_at": None}
        await self._sessions.update_one(unconfirmed, {"$set": {"confirmed_at": now}})

    async def revoke(self, session_id: str, *, reason: str, now: datetime) -> None:
        active = {"_id": ObjectId(session_id), "is_active": True}
        ended = {"is_active": False, "revoked_at": now, "revoke_reason": reason, "updatedAt": now}
        await self._sessions.update_one(active, {"$set": ended})


def _trusted(device: DeviceFacts, now: datetime) -> Document:
    return {
        "browser": device.browser,
        "device": device.device,
        "is_trusted": True,
        "trusted_at": now,
        "last_seen_at": now,
        "updatedAt": now,
    }


def _new_document(session: Session) -> Document:
    return {
        "user_id": ObjectId(session.user_id),
        "username": session.username,
        "role": session.role,
        "device_fingerprint_id": ObjectId(session.device_id),
        "app": session.app,
        "generation": session.generation,
        "rotated_at": session.created_at,
        "confirmed_at": None,
        "auth_strength": list(session.auth_strength),
        "epoch": session.epoch,
        "is_active": True,
        "expires_at": session.expires_at,
        "last_used_at": session.created_at,
        "createdAt": session.created_at,
        "updatedAt": session.created_at,
    }


def _session(document: Document) -> Session:
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
    )
