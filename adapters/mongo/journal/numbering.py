"""Numbers what waits: moves occurrences into the journal, many in one transaction.

One writer at a time is the rule, and the head's compare-and-set holds it: another one loses a batch, never a number.
"""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError

from adapters.mongo.client import Client, Database, Document
from adapters.mongo.journal.entry_documents import MALFORMED, Waiting, entry_after, entry_document, read_waiting
from adapters.mongo.journal.journal import HEAD, JournalStore
from adapters.mongo.journal.subject_keys import SubjectKeyStore
from adapters.mongo.transactions import in_transaction
from domain.journal.chain import BEFORE_FIRST, Link
from domain.journal.entries import Content, Entry, append
from domain.journal.occurrences import MAX_NUMBERED, SYSTEM, OccurrenceType

DUPLICATE_KEY = 11000


class HeadMoved(Exception):
    """Another writer has numbered since the head was read."""


class NumberingStore:
    """Takes waiting occurrences, oldest first, and gives them their numbers."""

    def __init__(self, client: Client, database: Database, journal: JournalStore, keys: SubjectKeyStore) -> None:
        self._client = client
        self._occurrences = database["occurrences"]
        self._entries = database["journal"]
        self._heads = database["journal_head"]
        self._journal = journal
        self._keys = keys
        self._link: Link | None = None
        """Where this process appended last, so that it need not read the head again."""

    async def number(self, now: datetime) -> int:
        """Take up to 500 of the oldest. Returns how many; 0 when none waits.

        One that is in the journal already is deleted, one that cannot be read is set aside. Raises UnknownKey and
        BrokenHead.
        """
        found = self._occurrences.find({"failed_at": None}, sort=[("at", 1), ("_id", 1)], limit=MAX_NUMBERED)
        documents = await found.batch_size(MAX_NUMBERED).to_list()
        if documents:
            await self._take(documents, now)
        return len(documents)

    async def count_failed(self) -> int:
        """Return how many are set aside."""
        return await self._occurrences.count_documents({"failed_at": {"$gt": datetime.min}})

    async def find_oldest(self) -> datetime | None:
        """Return when the oldest that waits has occurred; None when none waits."""
        oldest = await self._occurrences.find_one({"failed_at": None}, {"at": 1}, sort=[("at", 1), ("_id", 1)])
        return oldest["at"] if oldest else None

    async def _take(self, documents: Sequence[Document], now: datetime) -> None:
        entries, failed = await self._chain(documents, now)
        if failed:
            await self._occurrences.update_many({"_id": {"$in": failed}}, {"$set": {"failed_at": now}})
        if not entries:
            return
        try:
            await in_transaction(self._client, lambda tx: self._append(entries, now, tx))
        except (HeadMoved, PyMongoError) as error:
            self._link = None
            if not (isinstance(error, HeadMoved) or _is_duplicate(error)):
                raise
            await self._drop_numbered([document["_id"] for document in documents])
        else:
            self._link = entries[-1].link

    async def _chain(self, documents: Sequence[Document], now: datetime) -> tuple[Sequence[Entry], Sequence[object]]:
        """Return the next entries, and the ids of those that cannot be read."""
        waiting, failed = _read(documents)
        ciphers = await self._keys.for_sealing({owner for each in waiting for owner in each.owners})
        link = self._link or await self._find_link()
        entries = [] if link != BEFORE_FIRST else [append(link, _begun(now))]
        for each in waiting:
            try:
                entries.append(entry_after(entries[-1].link if entries else link, each, ciphers))
            except MALFORMED:
                failed.append(ObjectId(each.content.occurrence_id))
        return entries, failed

    async def _find_link(self) -> Link:
        head = await self._journal.find_head()
        return head.link if head else BEFORE_FIRST

    async def _append(self, entries: Sequence[Entry], now: datetime, tx: AsyncClientSession) -> None:
        """Move the head first: another writer then waits for it, or is refused, before either has written more."""
        last, before = entries[-1], {"seq": entries[0].seq - 1, "hash": entries[0].prev}
        moved = await self._heads.update_one(
            {"_id": HEAD} | before,
            {"$set": {"seq": last.seq, "hash": last.hash, "at": now}},
            upsert=before["seq"] == BEFORE_FIRST.seq,
            session=tx,
        )
        if moved.matched_count == 0 and moved.upserted_id is None:
            raise HeadMoved
        documents = list(map(entry_document, entries))
        await self._entries.insert_many(documents, session=tx)
        await self._occurrences.delete_many({"_id": {"$in": [each["_id"] for each in documents]}}, session=tx)

    async def _drop_numbered(self, ids: Sequence[object]) -> None:
        """Delete those of the occurrences that have their number: they were recorded again, or another was faster."""
        numbered = self._entries.find({"_id": {"$in": ids}}, {"_id": 1}).batch_size(MAX_NUMBERED)
        await self._occurrences.delete_many({"_id": {"$in": [entry["_id"] async for entry in numbered]}})


def _read(documents: Sequence[Document]) -> tuple[list[Waiting], list[object]]:
    waiting, failed = [], []
    for document in documents:
        try:
            waiting.append(read_waiting(document))
        except MALFORMED:
            failed.append(document["_id"])
    return waiting, failed


def _begun(now: datetime) -> Content:
    return Content(
        occurrence_id=str(ObjectId()),
        type=OccurrenceType.JOURNAL_BEGUN,
        at=now,
        actor=SYSTEM,
        subject=None,
        request_id=None,
        cause=None,
        public={},
    )


def _is_duplicate(error: PyMongoError) -> bool:
    """Whether a number or an id is in the journal already."""
    if isinstance(error, BulkWriteError):
        return any(each["code"] == DUPLICATE_KEY for each in error.details["writeErrors"])
    return isinstance(error, DuplicateKeyError)
