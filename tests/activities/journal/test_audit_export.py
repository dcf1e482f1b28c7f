"""The file of an exported journal: verified without us, the same however often a chunk is written."""

import json
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from bson import DatetimeMS, ObjectId
from temporalio.testing import ActivityEnvironment

from activities.journal import audit_export
from activities.journal.audit_export import (
    AuditExportActivities,
    BeginAuditExport,
    ExportPlace,
    FinishAuditExport,
    GatherEntries,
)
from adapters.crypto.field_cipher import FieldCipher
from adapters.crypto.keys import KeyLabel
from adapters.mongo.exports import ExportStore
from adapters.mongo.journal.audit import AuditStore
from adapters.mongo.journal.chain import ChainStore
from adapters.mongo.journal.checkpoints import CheckpointStore
from adapters.mongo.journal.export_words import ExportWords
from adapters.resources import Resources
from domain.journal.audit import AuditFilter
from domain.journal.chain import Link
from domain.journal.checkpoints import Checkpoint, SignedCheckpoint
from domain.journal.export_check import ExportCheck, Result, parse_export
from domain.journal.export_lines import ExportRange
from domain.journal.occurrences import user_party
from domain.journal.verification import RETENTION, Broken
from domain.moments import format_timestamp
from tests.support.journal import AT, OwnJournal
from tests.support.journal_files import KEYS, make_token
from tests.support.keys import HASHES, RING

NOW = AT + timedelta(days=1)
READER = str(ObjectId())
ALL = AuditFilter()


@dataclass
class Exporting:
    """An export of a journal of the test's own, whose steps are taken one by one."""

    own: OwnJournal
    exports: ExportStore
    key: str

    @property
    def steps(self) -> AuditExportActivities:
        database = self.own.database
        audit, checkpoints = AuditStore(database, self.own.keys), CheckpointStore(database)
        chain = ChainStore(database)
        return AuditExportActivities(self.exports, self.own.occurrences, audit, chain, checkpoints, HASHES)

    async def begin(self, asked: AuditFilter = ALL) -> ExportRange:
        command = BeginAuditExport(self.key, READER, asked, "Linux", "192.0.2.0/24", NOW)
        return await ActivityEnvironment().run(self.steps.begin, command)

    async def gather(self, covered: ExportRange, place: ExportPlace, asked: AuditFilter = ALL) -> ExportPlace:
        return await ActivityEnvironment().run(
            self.steps.gather, GatherEntries(self.key, READER, asked, covered, place, NOW)
        )

    async def gather_all(self, covered: ExportRange, asked: AuditFilter = ALL) -> int:
        """Gather chunk after chunk. Returns how many there are."""
        place = ExportPlace(0, covered.first - 2)
        while not place.is_end:
            place = await self.gather(covered, place, asked)
        return place.number

    async def file(self, asked: AuditFilter = ALL) -> bytes:
        await self.gather_all(await self.begin(asked), asked)
        return await self.read()

    async def read(self) -> bytes:
        words = ExportWords(self.own.keys)
        return b"".join([lines async for lines in words.open(self.exports.read(self.key))])

    async def sign(self, link: Link, at: datetime = AT) -> None:
        """Store the checkpoint of a place of the chain."""
        token = make_token(link, at=format_timestamp(at))
        signed = SignedCheckpoint(Checkpoint(link.seq, link.hash, format_timestamp(at)), "k1", token)
        await CheckpointStore(self.own.database).keep(signed, at, owner="a-workflow")


@pytest.fixture
async def exporting(resources: Resources) -> AsyncIterator[Exporting]:
    own = OwnJournal(resources.clients.mongo, f"export_{secrets.token_hex(4)}")
    await own.make_indexes()
    yield Exporting(own, ExportStore(own.database, FieldCipher(RING, KeyLabel.SEALED)), secrets.token_hex(16))
    await own.client.drop_database(own.database.name)


def verify(file: bytes) -> Result:
    lines = iter(file.splitlines(keepends=True))
    check = ExportCheck(parse_export(next(lines)), KEYS)
    assert list(check.verify(lines))
    return check.result


def rows(file: bytes, kind: str = "entry") -> list[dict[str, object]]:
    return [row for row in map(json.loads, file.splitlines()) if row["kind"] == kind]


async def test_whole_journal_is_a_chain_that_verifies(exporting: Exporting) -> None:
    await exporting.own.record(5)
    await exporting.own.number_all()
    entries = await exporting.own.entries()
    await exporting.sign(entries[1].link)
    await exporting.sign(entries[-1].link)

    result = verify(await exporting.file())

    assert (result.export.is_whole, result.entries, result.checkpoints) == (True, 6, 2)
    assert result.signed_up_to == entries[-1].seq


async def test_file_says_words_that_can_be_read(exporting: Exporting) -> None:
    someone, erased = user_party(str(ObjectId())), user_party(str(ObjectId()))
    await exporting.own.record(actor=someone, subject=erased)
    await exporting.own.number_all()
    await exporting.own.keys.erase(erased.id, AT)

    file = await exporting.file()

    assert rows(file)[-1]["opened"] == {"actor": {"device": "a laptop"}}
    assert verify(file).entries == 2


async def test_words_about_a_person_are_gone_from_a_file_that_was_gathered_before_the_erasure(
    exporting: Exporting,
) -> None:
    leaving = user_party(str(ObjectId()))
    await exporting.own.record(actor=leaving)
    await exporting.own.number_all()
    before = await exporting.file()

    await exporting.own.keys.erase(leaving.id, AT)

    after = await exporting.read()
    assert rows(before)[-1]["opened"] == {"actor": {"device": "a laptop"}, "subject": {"reason": "asked for it"}}
    assert rows(after)[-1]["opened"] == {"subject": {"reason": "asked for it"}}
    assert verify(after).entries == 2


@pytest.mark.parametrize(
    "edited",
    [
        {"public": {"a": 1.5}},
        {"actor": "maria"},
        {"sealed_subject": "words"},
        {"at": DatetimeMS(2**60)},
        {"seq": 2.5},
        {"seq": [3]},
    ],
    ids=str,
)
@pytest.mark.usefixtures("small_chunks")
async def test_export_names_the_entry_that_was_edited_into_another_shape(
    exporting: Exporting, edited: dict[str, object]
) -> None:
    await exporting.own.record(7)
    await exporting.own.number_all()
    await exporting.own.database["journal"].update_one({"seq": 3}, {"$set": edited})

    with pytest.raises(Broken) as found:
        verify(await exporting.file())

    assert found.value.seq == 3


async def test_filtered_file_has_what_was_asked_for(exporting: Exporting) -> None:
    someone = user_party(str(ObjectId()))
    await exporting.own.record(2)
    await exporting.own.record(3, actor=someone)
    await exporting.own.number_all()

    file = await exporting.file(AuditFilter(actor=someone.id))

    assert [row["actor"] for row in rows(file)] == [{"kind": "user", "id": someone.id}] * 3
    assert rows(file, "export")[0]["filter"] == {"actor": someone.id}
    assert verify(file).export.is_whole is False


async def test_what_happens_after_the_beginning_is_not_in_the_file(exporting: Exporting) -> None:
    await exporting.own.record(2)
    await exporting.own.number_all()
    covered = await exporting.begin()
    await exporting.own.number_all()

    await exporting.gather_all(covered)

    assert verify(await exporting.read()).entries == 3


async def test_trimmed_journal_begins_behind_its_checkpoint(exporting: Exporting) -> None:
    await exporting.own.record(4)
    await exporting.own.number_all()
    kept_from = (await exporting.own.entries())[2]
    await exporting.sign(Link(kept_from.seq - 1, kept_from.prev), at=NOW - RETENTION)
    await exporting.own.database["journal"].delete_many({"seq": {"$lt": kept_from.seq}})

    result = verify(await exporting.file())

    assert (result.export.first, result.entries, result.checkpoints) == (kept_from.seq, 2, 1)


async def test_empty_journal_is_an_empty_file(exporting: Exporting) -> None:
    file = await exporting.file()

    assert [row["kind"] for row in map(json.loads, file.splitlines())] == ["export", "end"]


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_export, "CHUNK_BYTES", 1_500)
    monkeypatch.setattr(audit_export, "ENTRIES_AT_ONCE", 3)


async def chunk_sizes(exporting: Exporting) -> Sequence[int]:
    return [len(chunk) async for chunk in exporting.exports.read(exporting.key)]


@pytest.mark.usefixtures("small_chunks")
async def test_chunks_are_small_and_make_one_file(exporting: Exporting) -> None:
    await exporting.own.record(20)
    await exporting.own.number_all()

    file = await exporting.file()

    assert verify(file).entries == 21
    sizes = await chunk_sizes(exporting)
    assert len(sizes) > 5
    assert max(sizes) < 1_600


@pytest.mark.usefixtures("small_chunks")
async def test_chunks_that_are_written_again_make_the_same_file(exporting: Exporting) -> None:
    await exporting.own.record(20)
    await exporting.own.number_all()
    covered = await exporting.begin()
    count = await exporting.gather_all(covered)
    once = await exporting.read()

    await exporting.own.record(3)
    await exporting.own.number_all()

    assert await exporting.gather_all(covered) == count
    assert await exporting.read() == once


async def test_export_is_recorded_once_however_often_it_begins(exporting: Exporting) -> None:
    await exporting.begin(AuditFilter(type="role.*"))
    await exporting.begin(AuditFilter(type="role.*"))
    await exporting.own.number_all()

    (entry,) = await exporting.own.entries()
    assert (entry.type, entry.actor, entry.public) == ("audit.exported", user_party(READER), {"type": "role.*"})


async def test_file_can_be_read_for_a_day(exporting: Exporting) -> None:
    await exporting.file()
    before = await exporting.exports.find(exporting.key)

    await ActivityEnvironment().run(exporting.steps.finish, FinishAuditExport(exporting.key, NOW))

    after = await exporting.exports.find(exporting.key)
    assert before is not None
    assert after is not None
    assert (before.ready_until, after.ready_until) == (None, NOW + timedelta(days=1))
    assert after.user_id == READER


async def test_dropped_export_is_gone(exporting: Exporting) -> None:
    await exporting.file()

    await ActivityEnvironment().run(exporting.steps.drop, exporting.key)

    assert await exporting.exports.find(exporting.key) is None
    assert await exporting.read() == b""
