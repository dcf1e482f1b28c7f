"""The journal is intact as it was written; whatever is done to it behind our back is found, and its number named."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from unittest.mock import Mock

import pytest
from bson import ObjectId
from pymongo import UpdateOne
from temporalio.common import MetricMeter
from temporalio.testing import ActivityEnvironment

from activities.operations import journal_verification
from activities.operations.audit_verify import ReportVerified, Verified, VerifyJournal
from adapters.mongo.journal.entry_documents import entry_document, read_entry
from adapters.resources import Resources
from domain.journal.chain import Link
from tests.activities.operations.journals import (
    AUDITORS,
    FIRST_SIGNED,
    NEWEST,
    SIGNED,
    CheckedJournal,
    all_entries,
    append_again,
    set_fields,
)
from tests.support.journal import AT


async def rewrite(journal: CheckedJournal, first: int, **fields: object) -> None:
    """Change an entry, and give it and all that follow the hashes that they would have had."""
    entries = await all_entries(journal)
    documents, link = [entry_document(entry) for entry in entries], entries[first - 2].link
    documents[first - 1] |= fields
    for document in documents[first - 1 :]:
        entry = read_entry(document)
        renewed = append_again(link, entry)
        await set_fields(journal, entry.seq, **{**fields, "prev": renewed.prev, "hash": renewed.hash})
        fields, link = {}, renewed.link
    await journal.database["journal_head"].update_one({}, {"$set": {"hash": link.hash}})


async def change_field(journal: CheckedJournal) -> None:
    await set_fields(journal, 3, type="user.logout")


async def change_words(journal: CheckedJournal) -> None:
    await set_fields(journal, 3, sealed_actor=b"other words")


async def remove_field(journal: CheckedJournal) -> None:
    await journal.database["journal"].update_one({"seq": 3}, {"$unset": {"cause": ""}})


async def change_and_rehash(journal: CheckedJournal) -> None:
    await rewrite(journal, 7, type="user.logout")


async def change_type_of_number(journal: CheckedJournal) -> None:
    await journal.database["journal"].update_one({"seq": 3}, {"$set": {"seq": 3.5}})


async def insert(journal: CheckedJournal) -> None:
    """Make room for an entry of one's own: all that follow are renumbered, their hashes are not."""
    entries = await all_entries(journal)
    later = [UpdateOne({"seq": entry.seq}, {"$inc": {"seq": 1}}) for entry in reversed(entries[3:])]
    await journal.database["journal"].bulk_write(later)
    forged = append_again(entries[2].link, entries[0])
    await journal.database["journal"].insert_one({**entry_document(forged), "_id": ObjectId()})
    await journal.database["journal_head"].update_one({}, {"$inc": {"seq": 1}})


async def insert_without_number(journal: CheckedJournal) -> None:
    (entry, *_) = await all_entries(journal)
    await journal.database["journal"].insert_one({**entry_document(entry), "_id": ObjectId(), "seq": "4"})


async def delete_in_the_middle(journal: CheckedJournal) -> None:
    await journal.database["journal"].delete_one({"seq": 6})


async def delete_oldest(journal: CheckedJournal) -> None:
    """Up to a checkpoint, as if they had been dropped for their age, but too early."""
    await journal.database["journal"].delete_many({"seq": {"$lte": SIGNED}})


async def delete_oldest_and_checkpoints(journal: CheckedJournal) -> None:
    await delete_oldest(journal)
    await journal.database["journal_checkpoints"].delete_many({})


async def delete_all(journal: CheckedJournal) -> None:
    await journal.database["journal"].delete_many({})


async def cut_newest(journal: CheckedJournal) -> None:
    await journal.database["journal"].delete_one({"seq": NEWEST})


async def cut_newest_and_head(journal: CheckedJournal) -> None:
    """Back to before the newest checkpoint."""
    entry = (await all_entries(journal))[6]
    await journal.database["journal"].delete_many({"seq": {"$gt": entry.seq}})
    await journal.database["journal_head"].update_one({}, {"$set": {"seq": entry.seq, "hash": entry.hash}})


async def cut_head_and_checkpoints(journal: CheckedJournal) -> None:
    """The database alone shows nothing of it: the anchor file does."""
    await cut_newest_and_head(journal)
    await journal.database["journal_checkpoints"].delete_many({"seq": {"$gt": FIRST_SIGNED}})


async def rewrite_without_checkpoints(journal: CheckedJournal) -> None:
    await rewrite(journal, 7, type="user.logout")
    await journal.database["journal_checkpoints"].delete_many({})


async def set_head_back(journal: CheckedJournal) -> None:
    entry = (await all_entries(journal))[9]
    await journal.database["journal_head"].update_one({}, {"$set": {"seq": entry.seq, "hash": entry.hash}})


async def change_hash_of_head(journal: CheckedJournal) -> None:
    await journal.database["journal_head"].update_one({}, {"$set": {"hash": "00" * 32}})


async def remove_head(journal: CheckedJournal) -> None:
    await journal.database["journal_head"].delete_many({})


async def forge_checkpoint(journal: CheckedJournal) -> None:
    forged = await journal.checkpoints.find_newest()
    assert forged
    change = {"$set": {"token": forged.token[:-4] + "AAAA"}}
    await journal.database["journal_checkpoints"].update_one({"seq": SIGNED}, change)


async def swap_checkpoints(journal: CheckedJournal) -> None:
    newest = await journal.checkpoints.find_newest()
    assert newest
    await journal.database["journal_checkpoints"].update_one({"seq": FIRST_SIGNED}, {"$set": {"token": newest.token}})


async def sign_something_else(journal: CheckedJournal) -> None:
    """A token of ours for another past, as from a copy of the database."""
    other = journal.tokens.sign(Link(FIRST_SIGNED, "00" * 32), AT)
    change = {"$set": {"token": other.token, "hash": "00" * 32}}
    await journal.database["journal_checkpoints"].update_one({"seq": FIRST_SIGNED}, change)


async def unset_token(journal: CheckedJournal) -> None:
    await journal.database["journal_checkpoints"].update_one({"seq": FIRST_SIGNED}, {"$unset": {"token": ""}})


Tampering = Callable[[CheckedJournal], Awaitable[None]]
TAMPERINGS: dict[Tampering, int] = {
    change_field: 3,
    change_words: 3,
    remove_field: 3,
    change_and_rehash: SIGNED,
    change_type_of_number: 3,
    insert: 5,
    insert_without_number: NEWEST + 1,
    delete_in_the_middle: 6,
    delete_oldest: 1,
    delete_oldest_and_checkpoints: 1,
    delete_all: 1,
    cut_newest: NEWEST,
    cut_newest_and_head: 8,
    cut_head_and_checkpoints: 8,
    rewrite_without_checkpoints: SIGNED,
    set_head_back: NEWEST,
    change_hash_of_head: NEWEST,
    remove_head: 1,
    forge_checkpoint: SIGNED,
    swap_checkpoints: FIRST_SIGNED,
    sign_something_else: FIRST_SIGNED,
    unset_token: FIRST_SIGNED,
}


async def test_journal_as_it_was_written_is_intact(journal: CheckedJournal) -> None:
    assert await journal.verify() == Verified(ok=True, checked=NEWEST, checkpoints=2)


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
async def test_tampering_is_found_and_the_first_number_is_named(journal: CheckedJournal, tamper: Tampering) -> None:
    await tamper(journal)
    found = await journal.verify()
    assert (found.ok, found.first_broken) == (False, TAMPERINGS[tamper])


async def test_nothing_written_yet_is_intact(resources: Resources, tmp_path: Path) -> None:
    journal = CheckedJournal(resources.clients.mongo, tmp_path)
    assert await journal.verify() == Verified(ok=True, checked=0, checkpoints=0)


async def test_part_that_was_asked_for_is_verified(journal: CheckedJournal) -> None:
    await change_field(journal)
    assert await journal.verify(VerifyJournal(first=4, last=9)) == Verified(ok=True, checked=6, checkpoints=2)


async def test_entries_of_erased_persons_verify(journal: CheckedJournal) -> None:
    await journal.database["subject_keys"].delete_many({})
    assert (await journal.verify()).ok


async def test_next_attempt_goes_on_where_the_last_one_was(journal: CheckedJournal) -> None:
    """What lies before is not read again: the first entry was changed since."""
    seventh = (await all_entries(journal))[6]
    await set_fields(journal, 1, type="user.logout")
    found = await journal.verify(after=(7, seventh.hash, 7, 1))
    assert found == Verified(ok=True, checked=NEWEST, checkpoints=2)


async def test_heartbeats_say_how_far_it_is(journal: CheckedJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_verification, "PAGE_SIZE", 4)
    environment, beats = ActivityEnvironment(), list[int]()
    environment.on_heartbeat = lambda seq, *_: beats.append(seq)

    await environment.run(journal.verifying.verify, VerifyJournal())

    assert beats == [4, 8, NEWEST]


async def test_entries_that_come_meanwhile_do_not_break_it(journal: CheckedJournal) -> None:
    found, _ = await asyncio.gather(journal.verify(), journal.add(20))
    assert found.ok


async def report(
    journal: CheckedJournal, found: Verified, *, first: int | None = None, meter: MetricMeter = MetricMeter.noop
) -> list[tuple[str, str]]:
    """Return kind and recipient of the mails."""
    command = ReportVerified("audit-verify/x", AT, found, user_id="0" * 24, first=first)
    environment = ActivityEnvironment()
    environment.metric_meter = meter
    mails = await environment.run(journal.verifying.report, command)
    return [(mail.kind, mail.recipient) for mail in mails]


async def test_broken_journal_is_logged_and_mailed_to_the_auditors(
    journal: CheckedJournal, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "decode.journal"):
        mails = await report(journal, Verified(False, 2, 0, 3, "it was changed"))

    assert mails == [("journal-broken", auditor) for auditor in AUDITORS]
    assert [(record.message, vars(record)["seq"]) for record in caplog.records] == [("journal broken", 3)]


async def test_verification_is_recorded_once_in_the_journal(journal: CheckedJournal) -> None:
    intact = Verified(True, NEWEST, 2)
    assert await report(journal, intact) + await report(journal, intact) == []
    await journal.number_all()

    (entry,) = (await all_entries(journal))[NEWEST:]

    assert (entry.type, entry.actor and entry.actor.id) == ("audit.verified", "0" * 24)
    assert entry.public == {"result": "intact", "first_broken": None, "checked": NEWEST, "checkpoints": 2}


async def test_part_that_was_verified_is_named_in_its_record(journal: CheckedJournal) -> None:
    await report(journal, Verified(True, 5, 1), first=7)
    await journal.number_all()

    (entry,) = (await all_entries(journal))[NEWEST:]

    assert (entry.public["result"], entry.public["from"], entry.public["to"]) == ("intact", 7, None)


async def test_intact_part_leaves_the_gauge_of_a_broken_journal_as_it_is(journal: CheckedJournal) -> None:
    meter = Mock(spec=MetricMeter)
    meter.with_additional_attributes.return_value = meter
    await report(journal, Verified(False, 2, 0, 3, "it was changed"), meter=meter)
    await report(journal, Verified(True, 5, 1), first=7, meter=meter)
    await report(journal, Verified(True, NEWEST, 2), meter=meter)
    assert [call.args for call in meter.create_gauge.return_value.set.call_args_list] == [(3,), (0,)]
