"""Checkpoints of the journal, kept for ever: entries go after 400 days, what they led to stays signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from adapters.mongo.client import Database, Document
from domain.journal.checkpoints import SignedCheckpoint


@dataclass(frozen=True)
class StoredCheckpoint:
    """A checkpoint as it is stored. Only its token proves anything. `owner`: the workflow that had it signed.

    `anchors`: where it was also kept, and with which outcome.
    """

    seq: int
    hash: str
    at: datetime
    key_id: str
    token: str
    owner: str
    anchors: Mapping[str, str] = field(default_factory=dict)


NEVER = datetime.min.replace(tzinfo=UTC)
SEQ: Document = {"$type": ["int", "long"], "$gte": 1, "$not": {"$type": "array"}}
"""The numbers that checkpoints have. A document with anything else in their place is no checkpoint."""


class CheckpointStore:
    """Keeps checkpoints by the number that they sign."""

    def __init__(self, database: Database) -> None:
        self._checkpoints = database["journal_checkpoints"]

    async def keep(self, signed: SignedCheckpoint, at: datetime, *, owner: str) -> StoredCheckpoint:
        """Store the checkpoint, and return the one of its number: the first that was stored."""
        facts: Document = {
            "hash": signed.checkpoint.hash,
            "at": at,
            "key_id": signed.key_id,
            "token": signed.token,
            "owner": owner,
            "anchors": {},
        }
        key: Document = {"seq": signed.checkpoint.seq}
        before = await self._checkpoints.find_one_and_update(key, {"$setOnInsert": facts}, upsert=True)
        return _checkpoint(before or {**key, **facts})

    async def record_anchors(self, seq: int, outcomes: Mapping[str, str]) -> None:
        """Store what became of each anchor."""
        await self._checkpoints.update_one({"seq": seq}, {"$set": {"anchors": dict(outcomes)}})

    async def find_newest(self, *, before: int | None = None) -> StoredCheckpoint | None:
        """Return the checkpoint of the largest number, of those below `before`."""
        below = {"seq": SEQ if before is None else SEQ | {"$lt": before}}
        found = await self._checkpoints.find_one(below, sort=[("seq", -1)])
        return _checkpoint(found) if found else None

    async def find_from(self, seq: int) -> StoredCheckpoint | None:
        """Return the first checkpoint that covers the entry of this number."""
        found = await self._checkpoints.find_one({"seq": SEQ | {"$gte": max(seq, 1)}}, sort=[("seq", 1)])
        return _checkpoint(found) if found else None

    async def list_newest(self, before: int | None, *, limit: int) -> Sequence[StoredCheckpoint]:
        """Return checkpoints, the largest number first, of those below `before`."""
        below = {"seq": SEQ if before is None else SEQ | {"$lt": before}}
        found = self._checkpoints.find(below, sort=[("seq", -1)], limit=limit)
        return [_checkpoint(document) async for document in found]

    async def list_between(self, after: int, last: int) -> Sequence[StoredCheckpoint]:
        """Return the checkpoints of the numbers from `after` + 1 to `last`, in order."""
        found = self._checkpoints.find({"seq": SEQ | {"$gt": after, "$lte": last}}).sort("seq")
        return [_checkpoint(document) async for document in found]

    async def find_unnumbered(self) -> str | None:
        """Return the token of a document with something else in place of its number, empty if it has none; None where
        there is no such document.
        """
        found = await self._checkpoints.find_one({"$nor": [{"seq": SEQ}]}, {"token": 1})
        return str(found.get("token", "")) if found else None


def _checkpoint(document: Document) -> StoredCheckpoint:
    """Return the checkpoint. A field that was edited away is empty: its token is then no checkpoint."""
    at, anchors = document.get("at"), document.get("anchors")
    return StoredCheckpoint(
        seq=document["seq"],
        hash=str(document.get("hash", "")),
        at=at if isinstance(at, datetime) else NEVER,
        key_id=str(document.get("key_id", "")),
        token=str(document.get("token", "")),
        owner=str(document.get("owner", "")),
        anchors={name: str(outcome) for name, outcome in anchors.items()} if isinstance(anchors, dict) else {},
    )
