"""Sessions. No token is stored: a refresh moves the session to its next generation."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.batching import Batches
from adapters.mongo.auth.devices import device_from
from adapters.mongo.auth.generations import Advance, advance_generations
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.documents import documents_by_id
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from adapters.mongo.users.users import user_from
from domain.auth.devices import Device
from domain.auth.sessions import IDLE_TTL, MAX_SESSIONS_PER_USER, AuthStrength, Session, logged_out
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
    """Reads, refreshes and ends sessions. SignInStore opens them."""

    def __init__(
        self, client: Client, database: Database, events: SecurityEventStore, occurrences: OccurrenceStore
    ) -> None:
        self._client = client
        self._sessions = database["sessions"]
        self._devices = database["device_fingerprints"]
        self._users = database["users"]
        self._events = events
        self._occurrences = occurrences
        self._by_id = documents_by_id(self._sessions)
        self._with_user = documents_by_id(self._sessions, WITH_USER)
        self._with_device = documents_by_id(self._sessions, WITH_USER, WITH_DEVICE)
        self._advances = Batches(partial(advance_generations, self._sessions))

    async def find(self, session_id: str) -> Session | None:
        """Return the session, ended or not; None when there is none with this id."""
        document = await self._by_id.run(ObjectId(session_id))
        return session_from(document) if document else None

    async def find_with_user(self, session_id: str) -> tuple[Session, User] | None:
        """Return a session and its account, in one round trip; None when one of them does not exist."""
        document = await self._with_user.run(ObjectId(session_id))
        if not document or not document["user"]:
            return None
        return session_from(document), user_from(document["user"][0])

    async def find_with_device(self, session_id: str) -> tuple[Session, User, Device] | None:
        """Return a session, its account and its device, in one round trip; None when one does not exist."""
        document = await self._with_device.run(ObjectId(session_id))
        if not document or not document["user"] or not document["device"]:
            return None
        return session_from(document), user_from(document["user"][0]), device_from(document["device"][0])

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
        return [(session_from(document), device_from(document["device"][0])) for document in documents]

    async def filter_active(self, session_ids: Sequence[str], now: datetime) -> set[str]:
        """Return the ids of those sessions that have not ended, in one query; without ids in none."""
        if not session_ids:
            return set()
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
        document = await self._advances.run(Advance(ObjectId(session_id), generation, now))
        return session_from(document) if document else None

    async def confirm_generation(self, session_id: str, *, generation: int, now: datetime) -> None:
        """Record that the client has received the tokens of this generation."""
        unconfirmed = {"_id": ObjectId(session_id), "generation": generation, "confirmed_at": None}
        await self._sessions.update_one(unconfirmed, {"$set": {"confirmed_at": now}})

    async def record_step_up(self, session_id: str, *, auth_strength: AuthStrength, now: datetime) -> None:
        """Record that the user has just authenticated again, and by what."""
        proved = {"stepped_up_at": now, "stepped_up_by": auth_strength, "updatedAt": now}
        await self._sessions.update_one({"_id": ObjectId(session_id)}, {"$set": proved})

    async def end(self, session_id: str, now: datetime) -> None:
        """End a session without an event: its user has just signed out. Records the occurrence if it had not ended."""
        active, ended = {"_id": ObjectId(session_id), "is_active": True}, {"$set": ended_fields("logout", now)}

        async def work(tx: AsyncClientSession) -> None:
            session = await self._sessions.find_one_and_update(active, ended, {"user_id": 1}, session=tx)
            if session:
                await self._occurrences.record_new(logged_out(session_id, str(session["user_id"]), now), tx)

        await in_transaction(self._client, work)

    async def revoke(self, session_id: str, event: SecurityEvent) -> bool:
        """End one session of the event's user and record the event. False when there is none to end."""
        owned = {"_id": ObjectId(session_id), "user_id": ObjectId(event.user_id)}

        async def work(tx: AsyncClientSession) -> bool:
            is_ended = await self._end(tx, owned, event) == 1 and await self._events.lock_account(event, tx)
            if is_ended:
                await self._events.record(event, tx)
            return is_ended

        return await in_transaction(self._client, work)

    async def revoke_all(self, event: SecurityEvent, *, keep: str | None = None) -> int | None:
        """End all sessions of the event's user but `keep`, and the flows under way, by a new session epoch.

        Records the event, if there were any sessions to end. Returns how many; None, and nothing is written, when the
        kept session has ended meanwhile or the account no longer exists.
        """

        async def work(tx: AsyncClientSession) -> int | None:
            user = {"_id": ObjectId(event.user_id)}
            account = await self._users.find_one_and_update(user, {"$inc": {"session_epoch": 1}}, session=tx)
            if account is None:
                return None
            if keep and not await self.move_to_next_epoch_within(
                tx, keep, user_id=event.user_id, epoch=account["session_epoch"]
            ):
                await tx.abort_transaction()
                return None
            count = await self.end_within(tx, event, keep=keep)
            if count:
                await self._events.record(event, tx)
            return count

        return await in_transaction(self._client, work)

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
            if not await self._events.lock_account(event, tx):
                return False
            trusted = {"_id": ObjectId(device_id), "user_id": ObjectId(event.user_id), "is_trusted": True}
            untrusted = {"$set": {"is_trusted": False, "updatedAt": event.at}}
            if (await self._devices.update_one(trusted, untrusted, session=tx)).matched_count == 0:
                return False
            on_it = {"user_id": ObjectId(event.user_id), "device_fingerprint_id": ObjectId(device_id)}
            await self._end(tx, on_it, event)
            await self._events.record(event, tx)
            return True

        return await in_transaction(self._client, work)

    async def _end(self, tx: AsyncClientSession, query: Document, event: SecurityEvent) -> int:
        """End those of `query` that are active, with the event's kind as reason. Returns how many."""
        over = {"$set": ended_fields(event.kind, event.at)}
        return (await self._sessions.update_many(query | {"is_active": True}, over, session=tx)).modified_count


def _excluding(session_id: str | None) -> Document:
    """Return the condition that excludes this session; an empty one for None."""
    return {"_id": {"$ne": ObjectId(session_id)}} if session_id else {}


def ended_fields(reason: str, now: datetime) -> Document:
    """Return the fields of an ended session."""
    return {"is_active": False, "revoked_at": now, "revoke_reason": reason, "updatedAt": now}


def session_from(document: Document) -> Session:
    """Return the session of a stored document."""
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
