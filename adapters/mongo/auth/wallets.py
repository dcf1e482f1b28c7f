"""Wallets linked to accounts: an address belongs to one account, an account has at most one primary.

Every change writes the account's document too: of two changes of one account at once, one waits and looks again.
"""

from collections.abc import Sequence

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from adapters.mongo.users.users import user_from
from domain.auth.wallets import MOST_PER_USER, Linking, PrimaryChange, Unlinking, Wallet, wallet_key
from domain.users.security_events import SecurityEvent
from domain.users.users import User

WITH_USER = {"$lookup": {"from": "users", "localField": "user_id", "foreignField": "_id", "as": "user"}}
WITH_WALLETS = {
    "$lookup": {
        "from": "wallets",
        "localField": "_id",
        "foreignField": "user_id",
        "pipeline": [{"$sort": {"createdAt": -1, "_id": -1}}, {"$limit": MOST_PER_USER}],
        "as": "linked",
    }
}
NEWEST_FIRST = [("createdAt", -1), ("_id", -1)]


class WalletStore:
    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self._wallets = database["wallets"]
        self._users = database["users"]
        self._events = SecurityEventStore(database)

    async def find_person(self, user_id: str) -> tuple[User, Sequence[Wallet]] | None:
        """An account with its wallets, newest first, in one round trip."""
        cursor = await self._users.aggregate([{"$match": {"_id": ObjectId(user_id)}}, WITH_WALLETS])
        documents = await cursor.to_list(1)
        if not documents:
            return None
        return user_from(documents[0]), [_wallet(document) for document in documents[0]["linked"]]

    async def list_of(self, user_id: str) -> Sequence[Wallet]:
        """A person's wallets, newest first."""
        cursor = self._wallets.find({"user_id": ObjectId(user_id)}).sort(NEWEST_FIRST).limit(MOST_PER_USER)
        return [_wallet(document) for document in await cursor.to_list()]

    async def find(self, user_id: str, address: str) -> Wallet | None:
        """A person's wallet with this address; None if it is nobody's or somebody else's."""
        document = await self._wallets.find_one(_mine(user_id, address))
        return _wallet(document) if document else None

    async def find_primary(self, user_id: str) -> Wallet | None:
        document = await self._wallets.find_one({"user_id": ObjectId(user_id), "is_primary": True})
        return _wallet(document) if document else None

    async def find_owner(self, address: str) -> User | None:
        """The account that a wallet is linked to, in one round trip."""
        stages: list[Document] = [{"$match": {"address": wallet_key(address)}}, WITH_USER]
        documents = await (await self._wallets.aggregate(stages)).to_list(1)
        return user_from(documents[0]["user"][0]) if documents and documents[0]["user"] else None

    async def link(self, wallet: Wallet, event: SecurityEvent) -> Linking:
        """Link a wallet to the event's person, with the event. Keyed by `wallet_id`: done twice it is done once."""

        async def work(session: AsyncClientSession) -> Linking:
            if not await self._take_place(session, event):
                return Linking.FULL
            await self._wallets.insert_one(_new_document(wallet), session=session)
            await self._events.record(event, session)
            return Linking.LINKED

        earlier = await self._linked(wallet)
        if earlier is not None:
            return earlier
        try:
            return await in_transaction(self._client, work)
        except DuplicateKeyError:
            return await self._linked(wallet) or Linking.TAKEN

    async def unlink(self, address: str, event: SecurityEvent) -> Unlinking:
        """Unlink a wallet of the event's person, with the event, unless it is the primary one."""
        mine = _mine(event.user_id, address)

        async def work(session: AsyncClientSession) -> Unlinking:
            found = await self._wallets.find_one(mine, session=session)
            if found is None:
                return Unlinking.UNKNOWN
            if found["is_primary"]:
                return Unlinking.PRIMARY
            await self._touch(session, event, places=-1)
            await self._wallets.delete_one(mine, session=session)
            await self._events.record(event, session)
            return Unlinking.UNLINKED

        return await in_transaction(self._client, work)

    async def set_primary(self, address: str, event: SecurityEvent, *, is_primary: bool) -> PrimaryChange | None:
        """Make a wallet of the event's person the only primary one, or no primary one, with the event if that is new.

        None when the wallet is not theirs.
        """
        mine = _mine(event.user_id, address)

        async def work(session: AsyncClientSession) -> PrimaryChange | None:
            found = await self._wallets.find_one(mine, session=session)
            if found is None or found["is_primary"] is is_primary:
                return PrimaryChange(_wallet(found), is_new=False) if found else None
            await self._touch(session, event)
            await self._wallets.update_many(
                {"user_id": ObjectId(event.user_id), "is_primary": True}, _primary(event, False), session=session
            )
            await self._wallets.update_one(mine, _primary(event, is_primary), session=session)
            await self._events.record(event, session)
            return PrimaryChange(_wallet(found | {"is_primary": is_primary}), is_new=True)

        return await in_transaction(self._client, work)

    async def _take_place(self, session: AsyncClientSession, event: SecurityEvent) -> bool:
        """Count one more on the account. False when it is full, or not active any more."""
        with_room = {"_id": ObjectId(event.user_id), "is_active": True, "wallet_count": {"$lt": MOST_PER_USER}}
        return (await self._users.update_one(with_room, _touched(event, 1), session=session)).matched_count == 1

    async def _touch(self, session: AsyncClientSession, event: SecurityEvent, *, places: int = 0) -> None:
        await self._users.update_one({"_id": ObjectId(event.user_id)}, _touched(event, places), session=session)

    async def _linked(self, wallet: Wallet) -> Linking | None:
        """Whether this link has been made before, or another of the same address."""
        found = await self._wallets.find_one({"address": wallet.address}, {"_id": 1})
        if found is None:
            return None
        return Linking.LINKED if str(found["_id"]) == wallet.wallet_id else Linking.TAKEN


def _mine(user_id: str, address: str) -> Document:
    return {"user_id": ObjectId(user_id), "address": wallet_key(address)}


def _touched(event: SecurityEvent, places: int) -> Document:
    return {"$inc": {"wallet_count": places}, "$set": {"updatedAt": event.at}}


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
