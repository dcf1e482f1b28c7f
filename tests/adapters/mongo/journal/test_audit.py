"""Pages of the journal: each filter by an index, without gap or repeat, and words for those who may read them."""

import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from adapters import causes
from adapters.mongo.client import Document
from adapters.mongo.journal.audit import NEWEST_FIRST, AuditStore, own_query, page_query
from adapters.resources import Resources
from domain.journal.audit import AuditEntry, AuditFilter, AuditPage, parse_entry_cursor
from domain.journal.occurrences import Occurrence, OccurrenceType, Party, PartyKind, user_party
from domain.paging import Cursor, PageRequest
from tests.support.journal import AT, OwnJournal, occurrence

ALL = PageRequest(100)


@pytest.fixture
def audit(own: OwnJournal) -> AuditStore:
    return AuditStore(own.database, own.keys)


async def write(own: OwnJournal, *occurrences: Occurrence) -> None:
    """Record these and give them their numbers."""
    for each in occurrences:
        await own.occurrences.record(each)
    await own.number_all()


def ids(page: AuditPage) -> Sequence[str]:
    return [read.entry.occurrence_id for read in page.entries if read.entry.type != OccurrenceType.JOURNAL_BEGUN]


async def test_each_filter_finds_what_it_asks_for_and_nothing_else(own: OwnJournal, audit: AuditStore) -> None:
    other = occurrence(at=AT)
    causes.request_id.set("a-request")
    causes.workflow_id.set("mail/a-mail")
    wanted = replace(occurrence(at=AT + timedelta(hours=1)), type=OccurrenceType.USER_LOGIN)
    await own.occurrences.record(wanted)
    causes.request_id.set("another-request")
    causes.workflow_id.set(None)
    await write(own, other)
    assert wanted.actor
    assert wanted.subject
    filters = {
        "actor": AuditFilter(actor=wanted.actor.id),
        "subject": AuditFilter(subject=wanted.subject.id),
        "type": AuditFilter(type="user.login"),
        "prefix": AuditFilter(type="user.*"),
        "request_id": AuditFilter(request_id="a-request"),
        "cause": AuditFilter(cause="mail/a-mail"),
        "from": AuditFilter(since=wanted.at, until=wanted.at + timedelta(milliseconds=1)),
        "all": AuditFilter(wanted.actor.id, wanted.subject.id, "user.*", "a-request", "mail/a-mail", AT),
    }

    found = {name: ids(await audit.list_page(filter, ALL)) for name, filter in filters.items()}

    assert found == {name: [wanted.occurrence_id] for name in filters}


async def test_times_include_the_first_moment_and_not_the_last(own: OwnJournal, audit: AuditStore) -> None:
    moments = [AT + timedelta(milliseconds=number) for number in range(3)]
    written = [occurrence(at=moment) for moment in moments]
    await write(own, *written)

    page = await audit.list_page(AuditFilter(since=moments[0], until=moments[2]), ALL)

    assert ids(page) == [written[1].occurrence_id, written[0].occurrence_id]


async def walk(audit: AuditStore, own: OwnJournal, asked: AuditFilter) -> AsyncIterator[AuditPage]:
    """Read page after page, while something new happens before each."""
    page = await audit.list_page(asked, PageRequest(2))
    yield page
    while page.next_cursor:
        await write(own, occurrence(at=datetime.now(UTC)))
        page = await audit.list_page(asked, PageRequest(2, after=parse_entry_cursor(page.next_cursor)))
        yield page


async def test_walk_meets_each_entry_once_while_new_ones_come(own: OwnJournal, audit: AuditStore) -> None:
    written = [occurrence(at=AT + timedelta(seconds=number // 3)) for number in range(7)]
    await write(own, *written)

    walked = [each async for page in walk(audit, own, AuditFilter(type="role.*")) for each in ids(page)]

    assert sorted(walked) == sorted(each.occurrence_id for each in written)


async def test_own_page_has_both_sides_once_each(own: OwnJournal, audit: AuditStore) -> None:
    me = user_party(str(ObjectId()))
    acted, was_acted_on = occurrence(at=AT, actor=me), occurrence(at=AT + timedelta(seconds=1), subject=me)
    both = occurrence(at=AT + timedelta(seconds=2), actor=me, subject=me)
    await write(own, acted, was_acted_on, both, occurrence(at=AT))

    page = await audit.list_own_page(me.id, AuditFilter(), ALL)

    assert ids(page) == [both.occurrence_id, was_acted_on.occurrence_id, acted.occurrence_id]


async def test_own_page_shows_no_words_about_others(own: OwnJournal, audit: AuditStore) -> None:
    me = user_party(str(ObjectId()))
    await write(own, occurrence(at=AT, actor=me), occurrence(at=AT + timedelta(seconds=1), subject=me))

    page = await audit.list_own_page(me.id, AuditFilter(), ALL)

    of_me, by_me = page.entries
    assert words_of(of_me) == (None, {"reason": "asked for it"})
    assert words_of(by_me) == ({"device": "a laptop"}, None)


async def test_own_page_shows_no_entry_of_what_only_has_the_same_name(own: OwnJournal, audit: AuditStore) -> None:
    name = str(ObjectId())
    await write(own, occurrence(subject=Party(PartyKind.ROLE, name), subject_words={}))

    assert (await audit.list_own_page(name, AuditFilter(), ALL)).entries == []


async def test_words_of_an_erased_user_are_gone_and_the_rest_stays(own: OwnJournal, audit: AuditStore) -> None:
    written = occurrence()
    await write(own, written)
    assert written.subject

    await own.keys.erase(written.subject.id, AT)

    (read,) = (await audit.list_page(AuditFilter(subject=written.subject.id), ALL)).entries
    assert words_of(read) == ({"device": "a laptop"}, None)
    assert (read.entry.public, read.entry.subject) == (written.public, written.subject)


async def test_entry_is_found_by_its_number(own: OwnJournal, audit: AuditStore) -> None:
    await write(own, occurrence())
    (written,) = await own.entries()

    found = await audit.find(written.seq)

    assert found is not None
    assert found.entry == written
    assert await audit.find(written.seq + 1) is None


def words_of(read: AuditEntry) -> tuple[object, object]:
    return read.actor_words, read.subject_words


@pytest.fixture(scope="module")
async def crowded(resources: Resources) -> AsyncIterator[OwnJournal]:
    """A journal of 3 000 entries by 30 users on each other, of all types."""
    name = f"audit_{secrets.token_hex(6)}"
    own = OwnJournal(resources.clients.mongo, name)
    await own.make_indexes()
    await own.database["journal"].insert_many([plain_entry(seq) for seq in range(1, 3_001)])
    yield own
    await resources.clients.mongo.drop_database(name)


USERS = [str(ObjectId()) for _ in range(30)]
TYPES = [*OccurrenceType]


def plain_entry(seq: int) -> Document:
    return {
        "seq": seq,
        "at": AT + timedelta(seconds=seq),
        "type": TYPES[seq % len(TYPES)],
        "actor": {"kind": "user", "id": USERS[seq % 30]},
        "subject": {"kind": "user", "id": USERS[seq // 30 % 30]},
        "request_id": f"request-{seq // 2}" if seq % 5 else None,
        "cause": f"mail/{seq // 2}" if seq % 5 == 0 else None,
    }


LATER = Cursor(AT + timedelta(seconds=2_900), "2900")
FILTERS = {
    "nothing": AuditFilter(),
    "actor": AuditFilter(actor=USERS[3]),
    "subject": AuditFilter(subject=USERS[4]),
    "type": AuditFilter(type="user.login"),
    "prefix": AuditFilter(type="user.*"),
    "request": AuditFilter(request_id="request-7"),
    "cause": AuditFilter(cause="mail/10"),
    "times": AuditFilter(since=AT + timedelta(seconds=9), until=AT + timedelta(seconds=2_000)),
}


@pytest.mark.parametrize("after", [None, LATER], ids=["first", "next"])
@pytest.mark.parametrize("name", FILTERS)
async def test_page_is_read_from_indexes_in_their_order(crowded: OwnJournal, name: str, after: Cursor | None) -> None:
    asked = FILTERS[name]

    plans = [await plan(crowded, query) for query in (page_query(asked, after), own_query(USERS[3], asked, after))]

    assert [stages(each) & {"COLLSCAN", "SORT"} for each in plans] == [set(), set()]


async def test_own_page_is_the_union_of_two_index_scans(crowded: OwnJournal) -> None:
    planned = await plan(crowded, own_query(USERS[3], AuditFilter(), None))

    assert {"SORT_MERGE", "subject_at_seq", "actor_at_seq"} <= stages(planned)


async def plan(own: OwnJournal, query: Document) -> Document:
    explained = await own.database["journal"].find(query).sort(NEWEST_FIRST).limit(21).explain()
    winning: Document = explained["queryPlanner"]["winningPlan"]
    return winning


def stages(plan: Document) -> set[str]:
    """The stages of a plan, and the indexes that it reads."""
    below = [*plan.get("inputStages", []), *[plan[name] for name in ("queryPlan", "inputStage") if name in plan]]
    own = {plan[name] for name in ("stage", "indexName") if name in plan}
    return own.union(*map(stages, below))
