"""Exports as they are kept for a day: sealed chunks, read back one at a time, and one manifest for each.

A chunk is named by its part of the file, so that one that is written again takes its own place.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from bson import ObjectId

from adapters.crypto.sealing import Sealed, Sealing
from adapters.mongo.client import Database, Document
from domain.accounts.account_export import LIFE, Export

MANIFEST = ""
MANIFEST_LIFE = timedelta(days=7)
"""So long an export that is over can be told from one that never was."""


class ExportStore:
    def __init__(self, database: Database, sealing: Sealing) -> None:
        self._exports = database["exports"]
        self._sealing = sealing

    async def begin(self, key: str, *, user_id: str, now: datetime) -> None:
        """Say whose it is. Nothing can be read yet."""
        whose = {"user_id": ObjectId(user_id), "ready_until": None, "expires_at": now + MANIFEST_LIFE}
        await self._exports.update_one({"flow_key": key, "part": MANIFEST}, {"$setOnInsert": whose}, upsert=True)

    async def find(self, key: str) -> Export | None:
        manifest = await self._exports.find_one({"flow_key": key, "part": MANIFEST})
        return Export(str(manifest["user_id"]), manifest["ready_until"]) if manifest else None

    async def write(self, key: str, part: str, text: str, *, user_id: str, now: datetime) -> None:
        sealed = self._sealing.seal(text.encode(), context=f"{key}|{part}")
        chunk: Document = {
            "user_id": ObjectId(user_id),
            "key_id": sealed.key_id,
            "data": sealed.data,
            "expires_at": now + LIFE,
        }
        await self._exports.update_one({"flow_key": key, "part": part}, {"$set": chunk}, upsert=True)

    async def cut(self, key: str, *, after: str, before: str) -> None:
        """Drop the parts between the two: an earlier try may have had more to write."""
        await self._exports.delete_many({"flow_key": key, "part": {"$gt": after, "$lt": before}})

    async def finish(self, key: str, *, until: datetime) -> None:
        """All is written. It can be read until then."""
        await self._exports.update_many({"flow_key": key, "part": {"$gt": MANIFEST}}, {"$set": {"expires_at": until}})
        await self._exports.update_one({"flow_key": key, "part": MANIFEST}, {"$set": {"ready_until": until}})

    async def drop(self, key: str) -> None:
        """Nobody wants it."""
        await self._exports.delete_many({"flow_key": key})

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """The file chunk by chunk, no more than one in memory."""
        part = MANIFEST
        newer = {"flow_key": key}
        while chunk := await self._exports.find_one(newer | {"part": {"$gt": part}}, sort=[("part", 1)]):
            part = chunk["part"]
            yield self._sealing.open(Sealed(chunk["key_id"], chunk["data"]), context=f"{key}|{part}")
