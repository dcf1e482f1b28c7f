"""Pages of the journal by actor, while it grows from ten thousand entries to a million."""

import secrets
import statistics
from collections.abc import Sequence

from bson import ObjectId

from adapters.mongo.client import Database
from adapters.mongo.journal.audit import AuditStore
from adapters.mongo.journal.collections import COLLECTIONS
from adapters.mongo.journal.entry_documents import entry_document
from adapters.mongo.schema import ensure_indexes
from bench.bench import Bench
from bench.figure import Figure, Limit, at_most_times, grouped
from bench.journal_verification import chained_entries
from bench.timing import milliseconds
from domain.journal.audit import AuditFilter
from domain.journal.chain import BEFORE_FIRST, Link
from domain.journal.occurrences import Party, user_party
from domain.paging import PageRequest

SIZES, QUICK_SIZES = (10_000, 100_000, 1_000_000), (1_000, 10_000)
BATCH = 1_000
ACTORS = 100
"""Each has a hundredth of the entries: more than a page in every size."""
PAGE = PageRequest(limit=50)


async def measure(bench: Bench) -> Sequence[Figure]:
    """Return what the newest page of an actor costs at each size, in a database of its own."""
    client = bench.resources.clients.mongo
    database = client[f"bench_audit_{secrets.token_hex(4)}"]
    audit = AuditStore(database, bench.resources.journal.subject_keys)
    actors, link = [user_party(str(ObjectId())) for _ in range(ACTORS)], BEFORE_FIRST
    sizes, taken = QUICK_SIZES if bench.is_quick else SIZES, []
    try:
        await ensure_indexes(database, COLLECTIONS)
        for size in sizes:
            link = await _fill(database, link, size, actors)
            taken.append(await _page(bench, audit, actors))
    finally:
        await client.drop_database(database.name)
    return [_figure(size, ms, sizes[0], taken[0]) for size, ms in zip(sizes[1:], taken[1:], strict=True)]


async def _fill(database: Database, link: Link, size: int, actors: Sequence[Party]) -> Link:
    while link.seq < size:
        entries = chained_entries(link, BATCH, actors)
        await database["journal"].insert_many([entry_document(entry) for entry in entries])
        link = entries[-1].link
    return link


async def _page(bench: Bench, audit: AuditStore, actors: Sequence[Party]) -> float:
    filters = [AuditFilter(actor=actor.id) for actor in actors]

    async def read_all() -> None:
        for each in filters:
            await audit.list_page(each, PAGE)

    rounds = [(await milliseconds([read_all]))[0] for _ in range(bench.rounds(20, 3))]
    return statistics.median(rounds) / len(filters)


def _figure(size: int, ms: float, smallest: int, at_smallest: float) -> Figure:
    return Figure(
        what=f"audit page of 50 by actor, {grouped(size)} entries",
        ours=ms,
        unit="ms",
        limit=Limit(f"the same page at {grouped(smallest)} entries", at_smallest),
        want=at_most_times(1.5),
        because="one index holds the page in its order; the rest is one query for the persons' keys.",
    )
