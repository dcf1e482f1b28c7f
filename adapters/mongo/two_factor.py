"""Second factors: sealed secrets, the last step used, hashed recovery codes. Each counts once."""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.crypto.sealing import Sealed, Sealing
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.security_events import SecurityEventStore
from adapters.mongo.transactions import in_transaction
from domain.security_events import SecurityEvent
from domain.two_factor import TwoFactor


class TwoFactorStore:
    def __init__(self, client: Client, database: Database, sealing: Sealing) -> None:
        self._client = client
        self._otps = database["otps"]
        self._events = SecurityEventStore(database)
        self._sealing = sealing

    async def find(self, user_id: str) -> TwoFactor | None:
        """The second factor, set up or enabled."""
        document = await self._otps.find_one({"user_id": ObjectId(user_id)})
        return self._two_factor(document) if document else None

    async def set_up(self, user_id: str, secret: bytes, now: datetime) -> bool:
        """Put a secret that waits to be enabled, in place of an earlier one. False when one is enabled."""
        sealed = self._sealing.seal(secret, context=user_id)
        pending = {"otp_secret": {"key_id": sealed.key_id, "data": sealed.data}, "updatedAt": now}
        fresh: Document = {
            "otp_enable": False,
            "enabled_at": None,
            "last_step": 0,
            "recovery_codes": [],
            "createdAt": now,
        }
        result = await self._otps.update_one(
            {"user_id": ObjectId(user_id)}, {"$setOnInsert": fresh | pending}, upsert=True
        )
        if result.upserted_id is not None:
            return True
        waiting = {"user_id": ObjectId(user_id), "otp_enable": False}
        return (await self._otps.update_one(waiting, {"$set": pending})).matched_count == 1

    async def enable(self, event: SecurityEvent, *, step: int, recovery_hashes: Sequence[str]) -> bool:
        """Turn it on with the step that proved it, and the event with it. False when it was on already."""
        enabled = {
            "otp_enable": True,
            "enabled_at": event.at,
            "last_step": step,
            "recovery_codes": list(recovery_hashes),
            "updatedAt": event.at,
        }
        return await self._change(event, {"otp_enable": False}, {"$set": enabled})

    async def replace_recovery_codes(self, event: SecurityEvent, recovery_hashes: Sequence[str]) -> bool:
        replaced = {"recovery_codes": list(recovery_hashes), "updatedAt": event.at}
        return await self._change(event, {"otp_enable": True}, {"$set": replaced})

    async def disable(self, event: SecurityEvent) -> bool:
        """Forget the secret and the codes. False when there was nothing to forget."""

        async def work(session: AsyncClientSession) -> bool:
            mine = {"user_id": ObjectId(event.user_id), "otp_enable": True}
            if (await self._otps.delete_one(mine, session=session)).deleted_count == 0:
                return False
            await self._events.record(event, session)
            return True

        return await in_transaction(self._client, work)

    async def take_step(self, user_id: str, step: int) -> bool:
        """Use up a time step: True once, for a step newer than any used before (RFC 6238 §5.2)."""
        unused = {"user_id": ObjectId(user_id), "last_step": {"$lt": step}}
        return (await self._otps.update_one(unused, {"$set": {"last_step": step}})).modified_count == 1

    async def has_recovery_code(self, user_id: str, recovery_hash: str) -> bool:
        mine = {"user_id": ObjectId(user_id), "otp_enable": True, "recovery_codes": recovery_hash}
        return await self._otps.find_one(mine, {"_id": 1}) is not None

    async def take_recovery_code(self, user_id: str, recovery_hash: str) -> bool:
        """Use up a recovery code: True once."""
        mine = {"user_id": ObjectId(user_id), "otp_enable": True, "recovery_codes": recovery_hash}
        taken: Document = {"$pull": {"recovery_codes": recovery_hash}}
        return (await self._otps.update_one(mine, taken)).modified_count == 1

    async def _change(self, event: SecurityEvent, state: Document, change: Document) -> bool:
        async def work(session: AsyncClientSession) -> bool:
            mine = {"user_id": ObjectId(event.user_id), **state}
            if (await self._otps.update_one(mine, change, session=session)).matched_count == 0:
                return False
            await self._events.record(event, session)
            return True

        return await in_transaction(self._client, work)

    def _two_factor(self, document: Document) -> TwoFactor:
        user_id, sealed = str(document["user_id"]), document["otp_secret"]
        return TwoFactor(
            user_id=user_id,
            is_enabled=document["otp_enable"],
            enabled_at=document["enabled_at"],
            secret=self._sealing.open(Sealed(sealed["key_id"], sealed["data"]), context=user_id),
            recovery_codes_left=len(document["recovery_codes"]),
        )
