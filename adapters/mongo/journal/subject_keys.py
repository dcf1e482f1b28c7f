"""The keys that words in the journal are sealed with: one for each person, dropped when that person is erased."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from bson import ObjectId
from pymongo import UpdateOne

from adapters.crypto.field_cipher import DecryptionFailed, Encrypted, FieldCipher
from adapters.crypto.personal_cipher import PersonalCipher, new_personal_key
from adapters.mongo.client import Database, Document
from domain.journal.occurrences import Party, PartyKind

MAX_CACHED = 10_000
"""Keys of that many persons take about 10 MB."""

Owner = ObjectId | str
Ciphers = Mapping[Owner, PersonalCipher | None]
"""By owner: None for one who was erased; none at all where the stored key is broken."""


def owner_of(party: Party) -> Owner:
    """Return the id under which the key of this party is stored."""
    is_user = party.kind == PartyKind.USER and ObjectId.is_valid(party.id)
    return ObjectId(party.id) if is_user else f"{party.kind}:{party.id}"


class SubjectKeyStore:
    """Makes, finds and drops keys. The stored ones are encrypted under the key ring."""

    def __init__(self, database: Database, cipher: FieldCipher) -> None:
        self._keys = database["subject_keys"]
        self._cipher = cipher
        self._cached: OrderedDict[Owner, PersonalCipher] = OrderedDict()

    async def for_sealing(self, owners: Iterable[Owner]) -> Ciphers:
        """Return the ciphers of all these owners, with new keys for those who have none. Raises UnknownKey.

        Keys are cached: words sealed after their person was erased are as unreadable as those before.
        """
        wanted = set(owners)
        ciphers: dict[Owner, PersonalCipher | None] = {
            owner: self._cached[owner] for owner in wanted if owner in self._cached
        }
        if missing := wanted - ciphers.keys():
            stored = await self._find(missing)
            if unknown := missing - stored.keys():
                await self._create(unknown)
                stored |= await self._find(unknown)
            ciphers |= self._opened(stored)
            self._cache(ciphers)
        return ciphers

    async def for_reading(self, owners: Iterable[Owner]) -> Ciphers:
        """Return the ciphers of these owners. Never from a cache: an erasure is in force at once. Raises UnknownKey."""
        return self._opened(await self._find(set(owners)))

    async def erase(self, user_id: str, now: datetime) -> int:
        """Drop the user's key, and let none be made again. Returns how many documents changed."""
        erased = {"_id": "$_id", "erased_at": {"$ifNull": ["$erased_at", now]}}
        done = await self._keys.update_one({"_id": ObjectId(user_id)}, [{"$replaceWith": erased}], upsert=True)
        return done.modified_count + (done.upserted_id is not None)

    async def reencrypt(self, *, limit: int) -> int:
        """Encrypt again keys that are under an older root key, at most `limit`. Returns how many; 0 when all are done.

        Raises UnknownKey, DecryptionFailed.
        """
        old = self._keys.find({"key_id": {"$nin": [self._cipher.current_id, None]}}).limit(limit)
        documents = await old.to_list()
        renewed = [
            UpdateOne(_stored(each), {"$set": self._sealed(each["_id"], self._key_of(each))}) for each in documents
        ]
        if renewed:
            await self._keys.bulk_write(renewed, ordered=False)
        return len(documents)

    async def _find(self, owners: Iterable[Owner]) -> dict[Owner, Document]:
        found = self._keys.find({"_id": {"$in": [*owners]}}, batch_size=MAX_CACHED)
        return {document["_id"]: document async for document in found}

    async def _create(self, owners: Iterable[Owner]) -> None:
        """Store a new key for each who has none by now, and was not erased."""
        new = [
            UpdateOne({"_id": owner}, {"$setOnInsert": self._sealed(owner, new_personal_key())}, upsert=True)
            for owner in owners
        ]
        await self._keys.bulk_write(new, ordered=False)

    def _sealed(self, owner: Owner, key: bytes) -> Document:
        sealed = self._cipher.encrypt(key, context=str(owner))
        return {"key_id": sealed.key_id, "data": sealed.data}

    def _key_of(self, document: Document) -> bytes:
        return self._cipher.decrypt(Encrypted(document["key_id"], document["data"]), context=str(document["_id"]))

    def _opened(self, documents: Mapping[Owner, Document]) -> dict[Owner, PersonalCipher | None]:
        opened: dict[Owner, PersonalCipher | None] = {}
        for owner, document in documents.items():
            if "erased_at" in document:
                opened[owner] = None
                continue
            with suppress(DecryptionFailed, KeyError, TypeError):
                opened[owner] = PersonalCipher(self._key_of(document))
        return opened

    def _cache(self, ciphers: Ciphers) -> None:
        self._cached |= {owner: cipher for owner, cipher in ciphers.items() if cipher}
        while len(self._cached) > MAX_CACHED:
            self._cached.popitem(last=False)


def _stored(document: Document) -> Document:
    """Return what finds the key as it was read: not one that was dropped meanwhile."""
    return {"_id": document["_id"], "data": document["data"]}
