"""Exports of every area, kept for a day: encrypted chunks, read back one at a time, and one manifest each.

A chunk is keyed by its part of the file, so that a retry replaces the chunk it wrote before.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from bson import ObjectId

from adapters.crypto.field_cipher import Encrypted, FieldCipher
from adapters.mongo.client import Database, Document
from domain.flows import EXPORT_TTL, Export

MANIFEST_PART = ""
MANIFEST_TTL = timedelta(days=7)
"""How long an expired export can be distinguished from one that never existed."""


class ExportStore:
    """Manifests and chunks of exports. `export_key` names one export."""

    def __init__(self, database: Database, cipher: FieldCipher) -> None:
        self._exports = database["exports"]
        self._cipher = cipher

    async def begin(self, export_key: str, *, user_id: str, now: datetime) -> None:
        """Create the manifest, which names the owner. Nothing can be read yet."""
        manifest = {"user_id": ObjectId(user_id), "ready_until": None, "expires_at": now + MANIFEST_TTL}
        await self._exports.update_one(
            {"flow_key": export_key, "part": MANIFEST_PART}, {"$setOnInsert": manifest}, upsert=True
        )

    async def find(self, export_key: str) -> Export | None:
        """Return the export's manifest; None when there is none (any more)."""
        manifest = await self._exports.find_one({"flow_key": export_key, "part": MANIFEST_PART})
        return Export(str(manifest["user_id"]), manifest["ready_until"]) if manifest else None

    async def write(self, export_key: str, part: str, text: str, *, user_id: str, now: datetime) -> None:
        """Write or replace one chunk, encrypted. Chunks are read in the order of their `part`."""
        sealed = self._cipher.encrypt(text.encode(), context=f"{export_key}|{part}")
        chunk: Document = {
            "user_id": ObjectId(user_id),
            "key_id": sealed.key_id,
            "data": sealed.data,
            "expires_at": now + EXPORT_TTL,
        }
        await self._exports.update_one({"flow_key": export_key, "part": part}, {"$set": chunk}, upsert=True)

    async def delete_parts(self, export_key: str, *, after: str, before: str) -> None:
        """Delete the parts strictly between the two: an earlier attempt may have written more chunks."""
        await self._exports.delete_many({"flow_key": export_key, "part": {"$gt": after, "$lt": before}})

    async def finish(self, export_key: str, *, until: datetime) -> None:
        """Mark the export as complete. It can be read until `until`."""
        await self._exports.update_many(
            {"flow_key": export_key, "part": {"$gt": MANIFEST_PART}}, {"$set": {"expires_at": until}}
        )
        await self._exports.update_one(
            {"flow_key": export_key, "part": MANIFEST_PART}, {"$set": {"ready_until": until}}
        )

    async def delete(self, export_key: str) -> None:
        """Delete the export: manifest and chunks."""
        await self._exports.delete_many({"flow_key": export_key})

    async def read(self, export_key: str) -> AsyncIterator[bytes]:
        """Yield the file chunk by chunk, with no more than one in memory. Raises UnknownKey, DecryptionFailed."""
        part = MANIFEST_PART
        newer = {"flow_key": export_key}
        while chunk := await self._exports.find_one(newer | {"part": {"$gt": part}}, sort=[("part", 1)]):
            part = chunk["part"]
            yield self._cipher.decrypt(Encrypted(chunk["key_id"], chunk["data"]), context=f"{export_key}|{part}")
