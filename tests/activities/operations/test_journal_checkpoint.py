"""The newest place is signed once there is news, and anchored once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from activities.operations.journal_checkpoint import RecordAnchors, SignedHead
from adapters import causes
from adapters.resources import Resources
from domain.journal.chain import Link
from tests.activities.operations.journals import AUDITORS, CheckedJournal


@pytest.fixture
async def journal(resources: Resources, tmp_path: Path) -> AsyncIterator[CheckedJournal]:
    """A journal with three entries."""
    journal = CheckedJournal(resources.clients.mongo, tmp_path)
    await journal.add(2)
    yield journal
    await journal.client.drop_database(journal.database.name)


async def signed_by(journal: CheckedJournal, owner: str) -> SignedHead:
    signed = await journal.sign(owner)
    assert signed
    return signed


async def test_newest_place_is_signed_and_stored(journal: CheckedJournal) -> None:
    signed = await signed_by(journal, "one")

    head, stored = await journal.journal.find_head(), await journal.checkpoints.find_newest()

    assert head
    assert stored
    assert journal.tokens.verify(stored.token).link == head.link == Link(signed.seq, signed.hash)


async def test_repeat_by_the_same_workflow_is_the_same_checkpoint(journal: CheckedJournal) -> None:
    first = await signed_by(journal, "one")
    await journal.add(1)
    assert (await signed_by(journal, "one")).token == first.token


async def test_two_at_once_leave_one_checkpoint(journal: CheckedJournal) -> None:
    await journal.make_indexes()
    signed = await asyncio.gather(*(journal.sign(owner) for owner in ("one", "two")))
    assert len({each.token for each in signed if each}) == 1


async def test_empty_journal_is_not_signed(resources: Resources, tmp_path: Path) -> None:
    assert await CheckedJournal(resources.clients.mongo, tmp_path).sign("one") is None


@pytest.mark.parametrize(
    ("cause", "is_signed"),
    [
        ("journal-checkpoint-2026-01-31T09:00:00Z", False),
        ("mail/checkpoint.3.1", False),
        ("mail/notice.3", True),
        (None, True),
    ],
)
async def test_what_a_checkpoint_leads_to_is_no_news(
    journal: CheckedJournal, cause: str | None, is_signed: bool
) -> None:
    await signed_by(journal, "one")
    causes.workflow_id.set(cause)
    await journal.add(1)

    assert (await journal.sign("two") is not None) == is_signed


async def test_checkpoint_is_recorded_once_in_the_journal(journal: CheckedJournal) -> None:
    signed = await signed_by(journal, "one")
    await journal.signing.record_occurrence(signed)
    await journal.signing.record_occurrence(signed)
    await journal.number_all()

    entries = await journal.journal.list_after(signed.seq, limit=10)

    assert [(entry.type, entry.public["token"]) for entry in entries] == [("audit.checkpoint", signed.token)]


async def test_checkpoint_is_appended_once(journal: CheckedJournal) -> None:
    signed = await signed_by(journal, "one")
    await journal.signing.append(signed)
    await journal.signing.append(signed)
    assert (signed.has_file, await journal.anchor_file.read_tail()) == (True, [signed.token])


async def test_each_auditor_gets_a_mail_with_the_token(journal: CheckedJournal) -> None:
    signed = await signed_by(journal, "one")
    assert [mail.recipient for mail in signed.mails] == [*AUDITORS]
    assert {mail.variables["token"] for mail in signed.mails} == {signed.token}


async def test_what_became_of_each_anchor_is_stored(journal: CheckedJournal) -> None:
    signed = await signed_by(journal, "one")
    await journal.signing.record_anchors(RecordAnchors(signed.seq, {"journal": "anchored", "mail-1": "given_up"}))

    stored = await journal.checkpoints.find_newest()

    assert stored
    assert stored.anchors == {"journal": "anchored", "mail-1": "given_up"}


async def test_second_checkpoint_of_a_number_is_the_first(journal: CheckedJournal) -> None:
    first = await journal.checkpoints.keep(
        journal.tokens.sign(Link(7, "00" * 32), datetime.now(UTC)), datetime.now(UTC), owner="one"
    )
    second = await journal.checkpoints.keep(
        journal.tokens.sign(Link(7, "11" * 32), datetime.now(UTC)), datetime.now(UTC), owner="two"
    )
    assert (second.token, second.owner) == (first.token, "one")
