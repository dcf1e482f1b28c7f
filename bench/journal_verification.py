"""Verification of the journal, beside a cursor that reads and hashes the same documents."""

import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from bson import ObjectId

from activities.operations.journal_verification import Counts, JournalSources, JournalVerification
from adapters.mongo.client import Database
from adapters.mongo.journal.chain import DOCUMENTS_AT_ONCE, ChainStore
from adapters.mongo.journal.checkpoints import CheckpointStore
from adapters.mongo.journal.collections import COLLECTIONS
from adapters.mongo.journal.entry_documents import entry_document
from adapters.mongo.journal.journal import JournalStore
from adapters.mongo.schema import ensure_indexes
from adapters.resources import Resources
from bench.bench import Bench
from bench.figure import Figure, Limit, at_least_times
from domain.journal.chain import BEFORE_FIRST, Link, canonical_json
from domain.journal.entries import Content, Entry, append
from domain.journal.occurrences import OccurrenceType, Party, user_party

ENTRIES, QUICK_ENTRIES = 100_000, 10_000
BATCH = 1_000
ROUNDS = 3


async def measure(bench: Bench) -> Sequence[Figure]:
    """Return verified entries per second of processor time, in a database of its own."""
    resources = bench.resources
    database = resources.clients.mongo[f"journal_{secrets.token_hex(4)}"]
    count = bench.rounds(ENTRIES, QUICK_ENTRIES)
    try:
        await ensure_indexes(database, COLLECTIONS)
        await _fill(database, count)
        bare = await _rate(lambda: _read_and_hash(database), count)
        ours = await _rate(lambda: _verify(resources, database, count), count)
    finally:
        await resources.clients.mongo.drop_database(database.name)
    return [
        Figure(
            what="journal verified",
            ours=ours,
            unit="entries/s of CPU",
            want=at_least_times(0.7),
            limit=Limit("a cursor, canonical JSON and SHA-256 of the same documents", bare),
            because="decoding the documents and writing their JSON are most of it; the rest is one comparison each.",
        )
    ]


async def _rate(work: Callable[[], Awaitable[None]], count: int) -> float:
    """Return entries per second of this process's processor time, of the best round."""
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        await work()
        taken.append(time.process_time() - began)
    return count / min(taken)


async def _fill(database: Database, count: int) -> None:
    link = BEFORE_FIRST
    for _ in range(0, count, BATCH):
        entries = chained_entries(link, BATCH)
        await database["journal"].insert_many([entry_document(entry) for entry in entries])
        link = entries[-1].link
    await database["journal_head"].insert_one({"_id": "head", "seq": link.seq, "hash": link.hash, "at": _now()})


def chained_entries(link: Link, count: int, actors: Sequence[Party] = ()) -> Sequence[Entry]:
    """Return so many entries that come after `link`, of these actors in turn, or each of a new one."""
    entries: list[Entry] = []
    for number in range(count):
        actor = actors[number % len(actors)] if actors else user_party(str(ObjectId()))
        entries.append(append(link, _content(actor), sealed_actor=secrets.token_bytes(60)))
        link = entries[-1].link
    return entries


def _content(user: Party) -> Content:
    return Content(
        occurrence_id=str(ObjectId()),
        type=OccurrenceType.USER_LOGIN,
        at=_now(),
        actor=user,
        subject=user,
        request_id=secrets.token_hex(16),
        cause=f"sign-in/{secrets.token_hex(11)}",
        public={"method": "password"},
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


async def _read_and_hash(database: Database) -> None:
    found = database["journal"].find({}, {"_id": 0}, batch_size=DOCUMENTS_AT_ONCE).sort("seq")
    while documents := await found.to_list(DOCUMENTS_AT_ONCE):
        for document in documents:
            plain = {**document, "at": document["at"].isoformat(), "sealed_actor": document["sealed_actor"].hex()}
            sha256(canonical_json(plain)).hexdigest()


async def _verify(resources: Resources, database: Database, count: int) -> None:
    stores = resources.journal
    sources = JournalSources(
        JournalStore(database, stores.subject_keys),
        ChainStore(database),
        CheckpointStore(database),
        stores.checkpoint_tokens,
        stores.anchor_file,
    )
    verification = JournalVerification(sources, None, Counts(), lambda *_: None)
    await verification.run(None, None)
    assert verification.counts.entries == count
