"""Reads the journal: entries in the order of their numbers, and its head."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.mongo.client import Database
from adapters.mongo.journal.entry_documents import read_entry
from adapters.mongo.journal.entry_words import EntryWords, open_words, owners_of
from adapters.mongo.journal.subject_keys import SubjectKeyStore
from domain.journal.chain import BrokenHead, Link, is_place
from domain.journal.entries import Entry

HEAD = "head"


@dataclass(frozen=True)
class Head:
    """The newest entry's place, and when it got its number."""

    link: Link
    at: datetime


class JournalStore:
    """Entries, which are never changed. Numbering writes them, JournalTrim drops the oldest."""

    def __init__(self, database: Database, keys: SubjectKeyStore) -> None:
        self._entries = database["journal"]
        self._heads = database["journal_head"]
        self._keys = keys

    async def find_head(self) -> Head | None:
        """Return the place of the newest entry; None before the first. Raises BrokenHead for one edited by hand."""
        head = await self._heads.find_one({"_id": HEAD})
        if head is None:
            return None
        if not (is_place(head.get("seq"), head.get("hash")) and isinstance(head.get("at"), datetime)):
            raise BrokenHead
        return Head(Link(head["seq"], head["hash"]), head["at"])

    async def list_after(self, seq: int, *, limit: int) -> Sequence[Entry]:
        """Return the entries after this number, in order."""
        found = self._entries.find({"seq": {"$gt": seq}}, sort=[("seq", 1)], limit=limit, batch_size=limit)
        return [read_entry(document) async for document in found]

    async def open_words(self, entries: Sequence[Entry]) -> Sequence[EntryWords]:
        """Return the words of each entry, with one query for the keys of all. Raises UnknownKey."""
        owners = {owner for entry in entries for owner in owners_of(entry)}
        ciphers = await self._keys.for_reading(owners) if owners else {}
        return [open_words(entry, ciphers) for entry in entries]
