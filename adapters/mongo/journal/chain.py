"""The journal as its hashes cover it: documents as they are in the database, not yet believed."""

import math
from collections.abc import AsyncIterator, Sequence
from typing import Any

from adapters.mongo.client import Database, Document
from adapters.mongo.journal.entry_documents import MALFORMED
from domain.journal.chain import FIRST_SEQ, MAX_SEQ, NO_HASH, VERSION, Json, Link, digest
from domain.moments import format_timestamp

DOCUMENTS_AT_ONCE = 500
"""Reading and hashing them blocks the event loop for some ten milliseconds."""
CHECKPOINTS_OWN = "^(journal-checkpoint|mail/checkpoint)"
"""Causes of entries that a checkpoint itself leads to: the workflows that sign, anchor and mail it."""

OUTSIDE: Document = {"$or": [{"seq": {"$not": {"$gte": 1}}}, {"seq": {"$not": {"$lte": MAX_SEQ}}}]}
"""Documents that reading from the first number to the head meets nowhere: found in the index, unlike by their type."""

Linked = tuple[Json | None, object]
"""What an entry's hash covers, None for a document of another shape; and the hash that is stored with it."""


class ChainStore:
    """Reads the chain for those who verify or sign it."""

    def __init__(self, database: Database) -> None:
        self._entries = database["journal"]

    async def find_first(self) -> int | None:
        """Return the number of the oldest entry that is left."""
        oldest = await self._find_seq(1)
        return math.floor(oldest) if oldest else None

    async def find_last(self) -> int | None:
        """Return the number of the newest entry, whatever the head says."""
        newest = await self._find_seq(-1)
        return math.ceil(newest) if newest else None

    async def has_unnumbered(self) -> bool:
        """Whether a document has something else in place of its number, or a number that the chain never gets to."""
        return await self._entries.find_one(OUTSIDE, {"_id": 1}) is not None

    async def find_link(self, seq: int) -> Link | None:
        """Return the place of the entry with this number, as it is stored."""
        found = await self._entries.find_one({"seq": seq}, {"hash": 1})
        return Link(seq, str(found.get("hash", NO_HASH))) if found else None

    async def find_link_before(self, seq: int) -> Link:
        """Return the place that the entry with this number says it follows."""
        found = await self._entries.find_one({"seq": seq}, {"prev": 1}) or {}
        return Link(seq - 1, str(found.get("prev", NO_HASH)))

    async def has_news(self, after: int) -> bool:
        """Whether an entry after this number tells of more than a checkpoint and its mails."""
        news = {"seq": {"$gt": after}, "cause": {"$not": {"$regex": CHECKPOINTS_OWN}}}
        return await self._entries.find_one(news, {"_id": 1}) is not None

    async def read(self, after: int, last: int) -> AsyncIterator[Sequence[Linked]]:
        """Yield the entries of the numbers from `after` + 1 to `last`, some at a time, in order."""
        found = self._entries.find({"seq": {"$gt": after, "$lte": last}}, batch_size=DOCUMENTS_AT_ONCE).sort("seq")
        async with found:
            while documents := await found.to_list(DOCUMENTS_AT_ONCE):
                yield [(_covered(document), document.get("hash")) for document in documents]

    async def _find_seq(self, direction: int) -> float | None:
        """Return the first or the last of the numbers that a chain can have, and of fractions between them.

        An array that has one of them is met by reading, or is behind the head: it stands for the farthest number.
        """
        numbers = {"seq": {"$gte": 1, "$lte": MAX_SEQ}}
        found = await self._entries.find_one(numbers, {"seq": 1}, sort=[("seq", direction)])
        if found is None:
            return None
        if isinstance(found["seq"], list):
            return FIRST_SEQ if direction > 0 else MAX_SEQ
        return float(str(found["seq"]))


def _covered(document: Document) -> dict[str, Any] | None:
    try:
        return {
            "v": VERSION,
            "seq": document["seq"],
            "prev": document["prev"],
            "type": document["type"],
            "at": format_timestamp(document["at"]),
            "actor": document["actor"],
            "subject": document["subject"],
            "request_id": document["request_id"],
            "cause": document["cause"],
            "public": document["public"],
            "sealed_actor": digest(document["sealed_actor"]),
            "sealed_subject": digest(document["sealed_subject"]),
        }
    except MALFORMED:
        return None
