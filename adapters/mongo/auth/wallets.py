"""Wallets linked to accounts: an address belongs to one account, an account has at most one primary wallet.

Every change also writes the account's document: of two concurrent changes of one account, one waits and retries.
"""

from collections.abc import Sequence

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.mongo.client import Client, Database, Document
from adapters.mongo.documents import documents_by_id
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from adapters.mongo.users.users import user_from
from domain.auth.wallets import (
    MAX_WALLETS_PER_USER,
    LinkOutcome,
    PrimaryWalletChange,
    UnlinkOutcome,
    Wallet,
    wallet_key,
)
from domain.users.security_events import SecurityEvent
from domain.users.users import User

WITH_USER = {"$lookup": {"from": "users", "localField": "user_id", "foreignField": "_id", "as": "user"}}
WITH_WALLETS = {
    "$lookup": {
        "from": "wallets",
        "localField": "_id",
        "foreignField": "user_id",
        "pipeline": [{"$sort": {"createdAt": -1, "_id": -1}}, {"$limit": MAX_WALLETS_PER_USER}],
        "as": "linked",
    }
}
NEWEST_FIRST = [("createdAt", -1), ("_id", -1)]


class WalletStore:
    """Links, unlinks and reads wallets. `wallet_address` may be in any letter case."""

    def __init__(self, client: Client, database: Database, events: SecurityEventStore) -> None:
        self._client = client
        self._wallets = database["wallets"]
        self._users = database["users"]
        self._events = events
        self._with_wallets = documents_by_id(self._users, WITH_WALLETS)

    async def find_user_with_wallets(self, user_id: str) -> tuple[User, Sequence[Wallet]] | None:
        """Return an account with its wallets, newest first, in one round trip; None without an account."""
        account = await self._with_wallets.run(ObjectId(user_id))
        if account is None:
            return None
        return user_from(account), [_wallet(document) for document in account["linked"]]

    async def list_wallets(self, user_id: str) -> Sequence[Wallet]:
        """Return the user's wallets, newest first."""
        cursor = self._wallets.find({"user_id": ObjectId(user_id)}).sort(NEWEST_FIRST).limit(MAX_WALLETS_PER_USER)
        return [_wallet(document) for document in await cursor.to_list()]

    async def find(self, user_id: str, wallet_address: str) -> Wallet | None:
        """Return the user's wallet with this address; None when it is not linked to this user."""
        document = await self._wallets.find_one(owned_by(user_id, wallet_address))
        return _wallet(document) if document else None

    async def find_primary(self, user_id: str) -> Wallet | None:
        """Return the user's primary wallet; None when there is none."""
        document = await self._wallets.find_one({"user_id": ObjectId(user_id), "is_primary": True})
        return _wallet(document) if document else None

    async def find_user_by_wallet(self, wallet_address: str) -> User | None:
        """Return the account that a wallet is linked to, in one round trip; None when there is none."""
        stages: list[Document] = [{"$match": {"address": wallet_key(wallet_address)}}, WITH_USER]
        documents = await (await self._wallets.aggregate(stages)).to_list(1)
        return user_from(documents[0]["user"][0]) if documents and documents[0]["user"] else None

    async def link(self, wallet: Wallet, event: SecurityEvent) -> LinkOutcome:
        """Link a wallet to the event's user and record the event. Idempotent: keyed by `wallet_id`.

        FULL when the account has MAX_WALLETS_PER_USER wallets or is not active; TAKEN when the address is linked.
        """

        async def work(tx: AsyncClientSession) -> LinkOutcome:
            if not await self._reserve_slot(tx, event):
                return LinkOutcome.FULL
            await self._wallets.insert_one(_new_document(wallet), session=tx)
            await self._events.record(event, tx)
            return LinkOutcome.LINKED

        earlier = await self._linked(wallet)
        if earlier is not None:
            return earlier
        try:
            return await in_transaction(self._client, work)
        except DuplicateKeyError:
            return await self._linked(wallet) or LinkOutcome.TAKEN

    async def unlink(self, wallet_address: str, event: SecurityEvent) -> UnlinkOutcome:
        """Unlink a wallet of the event's user and record the event. PRIMARY or UNKNOWN, and nothing is written."""
        owned = owned_by(event.user_id, wallet_address)

        async def work(tx: AsyncClientSession) -> UnlinkOutcome:
            found = await self._wallets.find_one(owned, session=tx)
            if found is None:
                return UnlinkOutcome.UNKNOWN
            if found["is_primary"]:
                return UnlinkOutcome.PRIMARY
            await self._update_user(tx, event, slots=-1)
            await self._wallets.delete_one(owned, session=tx)
            await self._events.record(event, tx)
            return UnlinkOutcome.UNLINKED

        return await in_transaction(self._client, work)

    async def set_primary(
        self, wallet_address: str, event: SecurityEvent, *, is_primary: bool
    ) -> PrimaryWalletChange | None:
        """Make a wallet of the event's user the only primary one, or not primary. Records the event of a change.

        None when the user has no such wallet.
        """
        owned = owned_by(event.user_id, wallet_address)

        async def work(tx: AsyncClientSession) -> PrimaryWalletChange | None:
            found = await self._wallets.find_one(owned, session=tx)
            if found is None or found["is_primary"] is is_primary:
                return PrimaryWalletChange(_wallet(found), is_new=False) if found else None
            await self._update_user(tx, event)
            await self._wallets.update_many(
                {"user_id": ObjectId(event.user_id), "is_primary": True}, _primary(event, False), session=tx
            )
            await self._wallets.update_one(owned, _primary(event, is_primary), session=tx)
            await self._events.record(event, tx)
            return PrimaryWalletChange(_wallet(found | {"is_primary": is_primary}), is_new=True)

        return await in_transaction(self._client, work)

    async def _reserve_slot(self, tx: AsyncClientSession, event: SecurityEvent) -> bool:
        """Count one more wallet on the account. False when it is full or not active any more."""
        with_room = {"_id": ObjectId(event.user_id), "is_active": True, "wallet_count": {"$lt": MAX_WALLETS_PER_USER}}
        return (await self._users.update_one(with_room, _user_update(event, 1), session=tx)).matched_count == 1

    async def _update_user(self, tx: AsyncClientSession, event: SecurityEvent, *, slots: int = 0) -> None:
        await self._users.update_one({"_id": ObjectId(event.user_id)}, _user_update(event, slots), session=tx)

    async def _linked(self, wallet: Wallet) -> LinkOutcome | None:
        """Return LINKED when this very link exists, TAKEN when another wallet has the address, None otherwise."""
        found = await self._wallets.find_one({"address": wallet.address}, {"_id": 1})
        if found is None:
            return None
        return LinkOutcome.LINKED if str(found["_id"]) == wallet.wallet_id else LinkOutcome.TAKEN


def owned_by(user_id: str, wallet_address: str) -> Document:
    """Return the query for a wallet that is linked to this user."""
    return {"user_id": ObjectId(user_id), "address": wallet_key(wallet_address)}


def _user_update(event: SecurityEvent, slots: int) -> Document:
    return {"$inc": {"wallet_count": slots}, "$set": {"updatedAt": event.at}}


def _primary(event: SecurityEvent, is_primary: bool) -> Document:
    return {"$set": {"is_primary": is_primary, "updatedAt": event.at}}


def _new_document(wallet: Wallet) -> Document:
    return {
        "_id": ObjectId(wallet.wallet_id),
        "address": wallet.address,
        "user_id": ObjectId(wallet.user_id),
        "chain_id": wallet.chain_id,
        "name_service": wallet.name_service,
        "is_primary": wallet.is_primary,
        "createdAt": wallet.created_at,
        "updatedAt": wallet.created_at,
    }


def _wallet(document: Document) -> Wallet:
    return Wallet(
        wallet_id=str(document["_id"]),
        address=document["address"],
        user_id=str(document["user_id"]),
        chain_id=document["chain_id"],
        created_at=document["createdAt"],
        is_primary=document["is_primary"],
        name_service=document["name_service"],
    )
