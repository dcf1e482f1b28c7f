"""The journal: what an occurrence adds to a transaction, how soon it has its number, and how fast many get theirs."""

import asyncio
import random
import secrets
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Client, Database
from adapters.mongo.journal.collections import COLLECTIONS
from adapters.mongo.journal.journal import JournalStore
from adapters.mongo.journal.numbering import NumberingStore
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.schema import ensure_indexes
from adapters.mongo.transactions import in_transaction
from adapters.resources import Resources
from bench.bench import Bench
from bench.figure import Figure, Limit, at_least_times, at_most
from bench.timing import Call, milliseconds
from domain.journal.occurrences import MAX_NUMBERED, Occurrence, OccurrenceType, Party, user_party

PEOPLE = 200
LOOK_SECONDS = 0.002


async def measure(bench: Bench) -> list[Figure]:
    """Each beside what MongoDB does without a journal."""
    own = bench.resources.clients.mongo[f"bench_journal_{secrets.token_hex(4)}"]
    await ensure_indexes(own, COLLECTIONS)
    try:
        return [
            await _in_a_transaction(bench, own),
            await _commit_to_number(bench, own),
            await _burst(bench, own),
        ]
    finally:
        await bench.resources.clients.mongo.drop_database(own.name)


async def _in_a_transaction(bench: Bench, own: Database) -> Figure:
    client, occurrences, changes = bench.resources.clients.mongo, OccurrenceStore(own), own["changes"]

    async def change(tx: AsyncClientSession) -> None:
        await changes.update_one({"_id": 1}, {"$inc": {"n": 1}}, upsert=True, session=tx)
        await changes.insert_one({}, session=tx)

    async def change_and_tell(tx: AsyncClientSession) -> None:
        await change(tx)
        await occurrences.record_new(_occurrence(), tx)

    rounds = bench.rounds(500, 50)
    pairs = [
        (await milliseconds([_transaction(client, work) for work in (change, change_and_tell)])) for _ in range(rounds)
    ]
    without, with_it = (statistics.median(column) for column in zip(*pairs, strict=True))
    await own["occurrences"].delete_many({})
    return Figure(
        what="occurrence added to a transaction",
        ours=with_it - without,
        unit="ms",
        limit=Limit("the transaction without", without),
        want=at_most(1.0),
        because="one more insert in the transaction; sealing and numbering come later.",
    )


async def _commit_to_number(bench: Bench, own: Database) -> Figure:
    numbering, occurrences = _numbering(bench.resources, own), OccurrenceStore(own)

    async def alone() -> None:
        await numbering.number(datetime.now(UTC))

    taken = []
    for _ in range(bench.rounds(100, 10)):
        await occurrences.record(_occurrence())
        taken += await milliseconds([alone])
    waits = [await _numbered_after(bench.resources) for _ in range(bench.rounds(200, 30))]
    return Figure(
        what="commit to number while idle, p95",
        ours=statistics.quantiles(waits, n=20)[-1],
        unit="ms",
        limit=Limit("the numbering transaction alone", statistics.median(taken)),
        want=at_most(150),
        because="the pause of 100 ms between two looks.",
    )


async def _numbered_after(resources: Resources) -> float:
    """Return the milliseconds from the commit of an occurrence to that of its entry, at any moment of the pause."""
    await asyncio.sleep(random.uniform(0.2, 0.3))  # noqa: S311 - a moment, not a secret
    occurrence, entries = _occurrence(), resources.clients.database["journal"]
    await resources.journal.occurrences.record(occurrence)
    began = time.perf_counter()
    while await entries.find_one({"_id": ObjectId(occurrence.occurrence_id)}, {"_id": 1}) is None:  # noqa: ASYNC110
        await asyncio.sleep(LOOK_SECONDS)
    return (time.perf_counter() - began) * 1000


async def _burst(bench: Bench, own: Database) -> Figure:
    """Move the same documents twice: once into the journal, then its entries by a bare transaction."""
    count = MAX_NUMBERED * bench.rounds(40, 6)
    people = [user_party(str(ObjectId())) for _ in range(PEOPLE)]
    occurrences, numbering = OccurrenceStore(own), _numbering(bench.resources, own)
    await asyncio.gather(*(occurrences.record(_occurrence(people)) for _ in range(count)))
    ours = await _seconds(lambda: numbering.number(datetime.now(UTC)))
    waiting = await own["journal"].find({}, sort=[("seq", 1)]).to_list()
    await own["journal"].delete_many({})
    await own["occurrences"].insert_many(waiting)
    bare = await _seconds(lambda: _move(bench.resources, own))
    return Figure(
        what="numbering in a burst",
        ours=count / ours,
        unit="/s",
        limit=Limit("bare move of the same documents", len(waiting) / bare),
        want=at_least_times(0.6),
        because="canonical JSON, SHA-256 and AES-GCM for two persons in each entry, in Python.",
    )


async def _move(resources: Resources, own: Database) -> int:
    batch = await own["occurrences"].find({}, sort=[("at", 1), ("_id", 1)], limit=MAX_NUMBERED).to_list()

    async def work(tx: AsyncClientSession) -> None:
        await own["journal_head"].update_one({"_id": "head"}, {"$inc": {"seq": len(batch)}}, session=tx)
        await own["journal"].insert_many(batch, session=tx)
        await own["occurrences"].delete_many({"_id": {"$in": [each["_id"] for each in batch]}}, session=tx)

    if batch:
        await in_transaction(resources.clients.mongo, work)
    return len(batch)


async def _seconds(step: Callable[[], Awaitable[int]]) -> float:
    """Return how long it takes until a step finds nothing."""
    began = time.perf_counter()
    while await step():
        pass
    return time.perf_counter() - began


def _numbering(resources: Resources, own: Database) -> NumberingStore:
    keys = resources.journal.subject_keys
    return NumberingStore(resources.clients.mongo, own, JournalStore(own, keys), keys)


def _transaction(client: Client, work: Callable[[AsyncClientSession], Awaitable[None]]) -> Call:
    return lambda: in_transaction(client, work)


def _occurrence(people: Sequence[Party] = ()) -> Occurrence:
    """Return what a sign-in tells, with a word about another person besides."""
    actor, subject = random.sample(people, 2) if people else (user_party(str(ObjectId())), user_party(str(ObjectId())))
    return Occurrence(
        occurrence_id=str(ObjectId()),
        type=OccurrenceType.USER_LOGIN,
        at=datetime.now(UTC),
        actor=actor,
        subject=subject,
        public={"from": "user", "to": "editor"},
        actor_words={"device": "Firefox 145 on Linux", "network": "192.0.2.0/24"},
        subject_words={"reason": "asked for it by telephone"},
    )
