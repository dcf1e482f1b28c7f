"""Exports as they are kept for a day: sealed chunks, read back one at a time, and one manifest for each.

A chunk is named by its part of the file, so that one that is written again takes its own place.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from bson import ObjectId

from adapters.crypto.sealing import Encrypted, FieldCipher
from adapters.mongo.client import Database, Document
from domain.accounts.account_export import EXPORT_TTL, Export

MANIFEST_PART = ""
MANIFEST_TTL = timedelta(days=7)
"""So long an export that is over can be told from one that never was."""


class ExportStore:
    def __init__(self, database: Database, cipher: FieldCipher) -> None:
        self._exports = database["exports"]
        self._cipher = cipher

    async def begin(self, export_key: str, *, user_id: str, now: datetime) -> None:
        """Say whose it is. Nothing can be read yet."""
        whose = {"user_id": ObjectId(user_id), "ready_until": None, "expires_at": now + MANIFEST_TTL}
        await self._exports.update_one(
            {"flow_key": export_key, "part": MANIFEST_PART}, {"$setOnInsert": whose}, upsert=True
        )

    async def find(self, export_key: str) -> Export | None:
        manifest = await self._exports.find_one({"flow_key": export_key, "part": MANIFEST_PART})
        return Export(str(manifest["user_id"]), manifest["ready_until"]) if manifest else None

    async def write(self, export_key: str, part: str, text: str, *, user_id: str, now: datetime) -> None:
        sealed = self._cipher.encrypt(text.encode(), context=f"{export_key}|{part}")
        chunk: Document = {
            "user_id": ObjectId(user_id),
            "key_id": sealed.key_id,
            "data": sealed.data,
            "expires_at": now + EXPORT_TTL,
        }
        await self._exports.update_one({"flow_key": export_key, "part": part}, {"$set": chunk}, upsert=True)

    async def delete_parts(self, export_key: str, *, after: str, before: str) -> None:
        """Drop the parts between the two: an earlier try may have had more to write."""
        await self._exports.delete_many({"flow_key": export_key, "part": {"$gt": after, "$lt": before}})

    async def finish(self, export_key: str, *, until: datetime) -> None:
        """All is written. It can be read until then."""
        await self._exports.update_many(
            {"flow_key": export_key, "part": {"$gt": MANIFEST_PART}}, {"$set": {"expires_at": until}}
        )
        await self._exports.update_one(
            {"flow_key": export_key, "part": MANIFEST_PART}, {"$set": {"ready_until": until}}
        )

    async def delete(self, export_key: str) -> None:
        """Nobody wants it."""
        await self._exports.delete_many({"flow_key": export_key})

    async def read(self, export_key: str) -> AsyncIterator[bytes]:
        """The file chunk by chunk, no more than one in memory."""
        part = MANIFEST_PART
        newer = {"flow_key": export_key}
        while chunk := await self._exports.find_one(newer | {"part": {"$gt": part}}, sort=[("part", 1)]):
            part = chunk["part"]
            yield self._cipher.decrypt(Encrypted(chunk["key_id"], chunk["data"]), context=f"{export_key}|{part}")
