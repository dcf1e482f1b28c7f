"""Who has an address: the account that bears it, or the one that it is held for after a change of address."""

from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.crypto.field_cipher import Encrypted, FieldCipher
from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.mongo.accounts.reservations import Reservations, account_holder
from adapters.mongo.client import Database, Document
from domain.accounts.identifier_changes import EMAIL_QUARANTINE
from domain.accounts.registration import AddressHolder
from domain.email_address import email_key

HOLD_REASON = "email-change"


class AddressHolders:
    """Finds and holds addresses. A held one is stored encrypted, so that its owner can be told in its own spelling."""

    def __init__(self, database: Database, hashes: KeyedHashes, cipher: FieldCipher) -> None:
        self._users = database["users"]
        self._holds = Reservations(database)
        self._hashes = hashes
        self._cipher = cipher

    async def find(
        self, email_address: str, now: datetime, *, except_user_id: str | None = None
    ) -> AddressHolder | None:
        """Return who has this address in any spelling; None when it is free, or had by `except_user_id`."""
        key = email_key(email_address)
        account = await self._users.find_one({"email_key": key}, {"email": 1, "is_active": 1, "deletion_at": 1})
        hold = await self._holds.find(self._hashes.email_hold_key(key), now)
        if account and str(account["_id"]) != except_user_id:
            return AddressHolder(account["email"], account["is_active"], account.get("deletion_at"))
        if hold is None or (except_user_id and hold["owner"] == account_holder(except_user_id)):
            return None
        return AddressHolder(self._held_address(hold))

    async def hold(self, tx: AsyncClientSession, email_address: str, *, user_id: str, now: datetime) -> None:
        """Keep an address that the account gives up from others, in the transaction of the change."""
        key = self._hashes.email_hold_key(email_key(email_address))
        sealed = self._cipher.encrypt(email_address.encode(), context=key)
        await self._holds.force_reserve(
            key,
            holder=account_holder(user_id),
            until=now + EMAIL_QUARANTINE,
            reason=HOLD_REASON,
            tx=tx,
            address={"key_id": sealed.key_id, "data": sealed.data},
        )

    def _held_address(self, hold: Document) -> str:
        """Return the address as its account had it; empty for a hold without one.

        Raises UnknownKey, DecryptionFailed.
        """
        sealed = hold.get("address")
        if sealed is None:
            return ""
        return self._cipher.decrypt(Encrypted(sealed["key_id"], sealed["data"]), context=hold["key"]).decode()
