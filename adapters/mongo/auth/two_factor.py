"""Second factors: encrypted secrets, the last time step used, hashed recovery codes. Each proof counts once."""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.crypto.field_cipher import Encrypted, FieldCipher
from adapters.crypto.totp import Totp
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.idempotency import Receipt, insert_receipt
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from domain.auth.two_factor import SecondFactorProof, SecondFactorVerdict, TwoFactor
from domain.users.security_events import SecurityEvent


class TwoFactorStore:
    """The second factor of each account. Secrets are encrypted; recovery codes are stored by keyed hash."""

    def __init__(
        self, client: Client, database: Database, events: SecurityEventStore, cipher: FieldCipher, totp: Totp
    ) -> None:
        self._client = client
        self._database = database
        self._otps = database["otps"]
        self._users = database["users"]
        self._events = events
        self._cipher = cipher
        self._totp = totp

    async def find(self, user_id: str) -> TwoFactor | None:
        """Return the second factor, pending or enabled; None without one. Raises UnknownKey, DecryptionFailed."""
        document = await self._otps.find_one({"user_id": ObjectId(user_id)})
        return self._two_factor(document) if document else None

    async def set_up(self, user_id: str, secret: bytes, now: datetime, receipt: Receipt | None = None) -> bool:
        """Store a pending secret in place of an earlier pending one. False when a second factor is enabled.

        Writes that take a receipt insert it in their transaction, and raise AlreadyAnswered.
        """
        pending = {"otp_secret": self._sealed(user_id, secret), "updatedAt": now}
        fresh: Document = {
            "otp_enable": False,
            "enabled_at": None,
            "last_step": 0,
            "recovery_codes": [],
            "createdAt": now,
        }
        owned = {"user_id": ObjectId(user_id)}

        async def work(tx: AsyncClientSession) -> bool:
            await self._otps.update_one(owned, {"$setOnInsert": fresh | pending}, upsert=True, session=tx)
            waiting = owned | {"otp_enable": False}
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
        """Enable the pending factor with the time step that proved it, and record the event.

        False when it is enabled already, or when another secret has replaced the proved one.
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
        """Replace all recovery codes and record the event. False when no second factor is enabled."""
        replaced = {"recovery_codes": list(recovery_hashes), "updatedAt": event.at}
        return await self._change(event, {"otp_enable": True}, {"$set": replaced}, receipt)

    async def disable(self, event: SecurityEvent) -> bool:
        """Delete secret and recovery codes, and record the event. False when no second factor is enabled."""

        async def work(tx: AsyncClientSession) -> bool:
            enabled = {"user_id": ObjectId(event.user_id), "otp_enable": True}
            if (await self._otps.delete_one(enabled, session=tx)).deleted_count == 0:
                return False
            if not await self._events.lock_account(event, tx):
                return False
            await self._events.record(event, tx)
            return True

        return await in_transaction(self._client, work)

    async def judge(self, use: SecurityEvent, proof: SecondFactorProof) -> SecondFactorVerdict:
        """Return the verdict on a proof at the time of the use, without using it up.

        A proof that this same use has taken already stays right.
        """
        two_factor = await self.find(use.user_id)
        if two_factor is None or not two_factor.is_enabled:
            return SecondFactorVerdict.NOT_NEEDED
        if not proof.is_given:
            return SecondFactorVerdict.MISSING
        is_right = await self._is_right(two_factor, use, proof)
        return SecondFactorVerdict.RIGHT if is_right else SecondFactorVerdict.WRONG

    async def use(self, use: SecurityEvent, proof: SecondFactorProof) -> bool:
        """Use up a time step or a recovery code. True once for each of them, and for a repeat of the same use.

        `use`: a RECOVERY_CODE_USED event, recorded if the proof is a recovery code; its id names the use.
        """
        if proof.recovery_code is not None:
            return await self._use_recovery_code(use, self._totp.hash_recovery_code(use.user_id, proof.recovery_code))
        two_factor = await self.find(use.user_id)
        if two_factor is None or not two_factor.is_enabled or proof.otp is None:
            return False
        step = self._totp.find_time_step(proof.otp, two_factor.secret, use.at)
        return step is not None and await self._use_step(use, step)

    async def reencrypt(self, *, limit: int) -> int:
        """Encrypt again secrets that are under an older key, at most `limit`. Returns how many; 0 when all are done.

        Raises UnknownKey, DecryptionFailed.
        """
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
            wanted = _enabled_factor(use) | {"recovery_codes": code}
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
            holding = _enabled_factor(use) | {"recovery_codes": recovery_hash}
            taken: Document = {"$pull": {"recovery_codes": recovery_hash}}
            if (await self._otps.update_one(holding, taken, session=tx)).modified_count == 0:
                return False
            if not await self._events.lock_account(use, tx):
                return False
            await self._events.record(use, tx)
            return True

        return await in_transaction(self._client, work)

    async def _change(self, event: SecurityEvent, state: Document, change: Document, receipt: Receipt | None) -> bool:
        """Also writes the account's document, as a session that is opened and a password that is set do: of two at once
        one retries, and reads what the other has written.
        """
        user_id = ObjectId(event.user_id)

        async def work(tx: AsyncClientSession) -> bool:
            if (await self._otps.update_one({"user_id": user_id, **state}, change, session=tx)).matched_count == 0:
                return False
            await self._users.update_one({"_id": user_id}, {"$set": {"updatedAt": event.at}}, session=tx)
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


async def is_second_factor_on(database: Database, user_id: str, tx: AsyncClientSession) -> bool:
    """Whether the account has an enabled second factor, as the caller's transaction reads it.

    The caller also writes the account's document, so that enabling one concurrently conflicts.
    """
    enabled = {"user_id": ObjectId(user_id), "otp_enable": True}
    return await database["otps"].find_one(enabled, {"_id": 1}, session=tx) is not None


def _enabled_factor(use: SecurityEvent) -> Document:
    return {"user_id": ObjectId(use.user_id), "otp_enable": True}


def _unused(use: SecurityEvent, step: int) -> Document:
    """Only a step newer than any used before counts (RFC 6238 §5.2), or the one that this same use has taken."""
    return _enabled_factor(use) | {"$or": [{"last_step": {"$lt": step}}, {"last_step": step, "last_use": use.event_id}]}
