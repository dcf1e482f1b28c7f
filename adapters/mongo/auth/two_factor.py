"""Second factors: sealed secrets, the last step used, hashed recovery codes. Each counts once."""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.crypto.sealing import Encrypted, FieldCipher
from adapters.crypto.totp import Totp
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.idempotency import Receipt, insert_receipt
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from domain.auth.two_factor import SecondFactorProof, SecondFactorVerdict, TwoFactor
from domain.users.security_events import SecurityEvent


class TwoFactorStore:
    def __init__(self, client: Client, database: Database, cipher: FieldCipher, totp: Totp) -> None:
        self._client = client
        self._database = database
        self._otps = database["otps"]
        self._events = SecurityEventStore(database)
        self._cipher = cipher
        self._totp = totp

    async def find(self, user_id: str) -> TwoFactor | None:
        """The second factor, set up or enabled."""
        document = await self._otps.find_one({"user_id": ObjectId(user_id)})
        return self._two_factor(document) if document else None

    async def set_up(self, user_id: str, secret: bytes, now: datetime, receipt: Receipt | None = None) -> bool:
        """Put a secret that waits to be enabled, in place of an earlier one. False when one is enabled.

        This and the other writes keep a receipt with their effect, and raise AlreadyAnswered.
        """
        pending = {"otp_secret": self._sealed(user_id, secret), "updatedAt": now}
        fresh: Document = {
            "otp_enable": False,
            "enabled_at": None,
            "last_step": 0,
            "recovery_codes": [],
            "createdAt": now,
        }
        mine = {"user_id": ObjectId(user_id)}

        async def work(tx: AsyncClientSession) -> bool:
            await self._otps.update_one(mine, {"$setOnInsert": fresh | pending}, upsert=True, session=tx)
            waiting = mine | {"otp_enable": False}
            if (await self._otps.update_one(waiting, {"$set": pending}, session=tx)).matched_count == 0:
                return False
            await insert_receipt(self._database, receipt, tx)
            return True

        return await in_transaction(self._client, work)

    async def enable(
        self,
        event: SecurityEvent,
        pending: TwoFactor,
        *,
        step: int,
        recovery_hashes: Sequence[str],
        receipt: Receipt | None = None,
    ) -> bool:
        """Turn it on with the step that proved it, and the event with it.

        False when it was on already, or when another secret has taken the place of the proved one.
        """
        enabled = {
            "otp_enable": True,
            "enabled_at": event.at,
            "last_step": step,
            "recovery_codes": list(recovery_hashes),
            "updatedAt": event.at,
        }
        proved = {"otp_enable": False, "otp_secret.data": pending.sealed_secret}
        return await self._change(event, proved, {"$set": enabled}, receipt)

    async def replace_recovery_codes(
        self, event: SecurityEvent, recovery_hashes: Sequence[str], receipt: Receipt | None = None
    ) -> bool:
        replaced = {"recovery_codes": list(recovery_hashes), "updatedAt": event.at}
        return await self._change(event, {"otp_enable": True}, {"$set": replaced}, receipt)

    async def disable(self, event: SecurityEvent) -> bool:
        """Forget the secret and the codes. False when there was nothing to forget."""

        async def work(tx: AsyncClientSession) -> bool:
            mine = {"user_id": ObjectId(event.user_id), "otp_enable": True}
            if (await self._otps.delete_one(mine, session=tx)).deleted_count == 0:
                return False
            await self._events.record(event, tx)
            return True

        return await in_transaction(self._client, work)

    async def judge(self, use: SecurityEvent, proof: SecondFactorProof) -> SecondFactorVerdict:
        """What a proof is worth at the use's time. Nothing is used up; what this use has taken stays right."""
        two_factor = await self.find(use.user_id)
        if two_factor is None or not two_factor.is_enabled:
            return SecondFactorVerdict.NOT_NEEDED
        if not proof.is_given:
            return SecondFactorVerdict.MISSING
        is_right = await self._is_right(two_factor, use, proof)
        return SecondFactorVerdict.RIGHT if is_right else SecondFactorVerdict.WRONG

    async def use(self, use: SecurityEvent, proof: SecondFactorProof) -> bool:
        """Use up a time step or a recovery code: True once for each of them, and for the same use again.

        `use`: RECOVERY_CODE_USED of the person, kept if that is what came; its id names the use.
        """
        if proof.recovery_code is not None:
            return await self._use_recovery_code(use, self._totp.hash_recovery_code(use.user_id, proof.recovery_code))
        two_factor = await self.find(use.user_id)
        if two_factor is None or not two_factor.is_enabled or proof.otp is None:
            return False
        step = self._totp.find_time_step(proof.otp, two_factor.secret, use.at)
        return step is not None and await self._use_step(use, step)

    async def reencrypt(self, *, limit: int) -> int:
        """Seal secrets anew that another key than the current one has sealed. Returns how many, 0 when all are done."""
        old = self._otps.find({"otp_secret.key_id": {"$ne": self._cipher.current_id}}).limit(limit)
        documents = await old.to_list()
        for document in documents:
            two_factor = self._two_factor(document)
            unchanged = {"_id": document["_id"], "otp_secret.data": two_factor.sealed_secret}
            secret = self._sealed(two_factor.user_id, two_factor.secret)
            await self._otps.update_one(unchanged, {"$set": {"otp_secret": secret}})
        return len(documents)

    async def _is_right(self, two_factor: TwoFactor, use: SecurityEvent, proof: SecondFactorProof) -> bool:
        if proof.recovery_code is not None:
            code = self._totp.hash_recovery_code(use.user_id, proof.recovery_code)
            wanted = _mine(use) | {"recovery_codes": code}
            return await self._has(wanted) or await self._events.is_recorded(use.event_id)
        step = self._totp.find_time_step(proof.otp or "", two_factor.secret, use.at)
        return step is not None and await self._has(_unused(use, step))

    async def _has(self, wanted: Document) -> bool:
        return await self._otps.find_one(wanted, {"_id": 1}) is not None

    async def _use_step(self, use: SecurityEvent, step: int) -> bool:
        used = {"$set": {"last_step": step, "last_use": use.event_id}}
        return (await self._otps.update_one(_unused(use, step), used)).matched_count == 1

    async def _use_recovery_code(self, use: SecurityEvent, recovery_hash: str) -> bool:
        async def work(tx: AsyncClientSession) -> bool:
            if await self._events.is_recorded(use.event_id, tx):
                return True
            mine = _mine(use) | {"recovery_codes": recovery_hash}
            taken: Document = {"$pull": {"recovery_codes": recovery_hash}}
            if (await self._otps.update_one(mine, taken, session=tx)).modified_count == 0:
                return False
            await self._events.record(use, tx)
            return True

        return await in_transaction(self._client, work)

    async def _change(self, event: SecurityEvent, state: Document, change: Document, receipt: Receipt | None) -> bool:
        async def work(tx: AsyncClientSession) -> bool:
            mine = {"user_id": ObjectId(event.user_id), **state}
            if (await self._otps.update_one(mine, change, session=tx)).matched_count == 0:
                return False
            await self._events.record(event, tx)
            await insert_receipt(self._database, receipt, tx)
            return True

        return await in_transaction(self._client, work)

    def _sealed(self, user_id: str, secret: bytes) -> Document:
        sealed = self._cipher.encrypt(secret, context=user_id)
        return {"key_id": sealed.key_id, "data": sealed.data}

    def _two_factor(self, document: Document) -> TwoFactor:
        user_id, sealed = str(document["user_id"]), document["otp_secret"]
        return TwoFactor(
            user_id=user_id,
            is_enabled=document["otp_enable"],
            enabled_at=document["enabled_at"],
            secret=self._cipher.decrypt(Encrypted(sealed["key_id"], sealed["data"]), context=user_id),
            sealed_secret=sealed["data"],
            recovery_codes_left=len(document["recovery_codes"]),
        )


def _mine(use: SecurityEvent) -> Document:
    return {"user_id": ObjectId(use.user_id), "otp_enable": True}


def _unused(use: SecurityEvent, step: int) -> Document:
    """Only a step newer than any used before counts (RFC 6238 §5.2); for the use that took it, it still does."""
    return _mine(use) | {"$or": [{"last_step": {"$lt": step}}, {"last_step": step, "last_use": use.event_id}]}
