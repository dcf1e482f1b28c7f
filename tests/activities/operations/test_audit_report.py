"""What a verification has found is told to the journal, to operators and to the auditors."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities.operations.audit_verify import ReportVerified, Verified
from adapters.resources import Resources
from tests.activities.operations.journals import AUDITORS, CheckedJournal
from tests.support.journal import AT


@pytest.fixture
async def journal(resources: Resources, tmp_path: Path) -> AsyncIterator[CheckedJournal]:
    journal = CheckedJournal(resources.clients.mongo, tmp_path)
    yield journal
    await journal.client.drop_database(journal.database.name)


async def report(journal: CheckedJournal, found: Verified) -> list[tuple[str, str]]:
    """Return kind and recipient of the mails."""
    command = ReportVerified("audit-verify/x", AT, found, user_id="0" * 24)
    mails = await ActivityEnvironment().run(journal.verifying.report, command)
    return [(mail.kind, mail.recipient) for mail in mails]


async def test_broken_journal_is_logged_and_mailed_to_the_auditors(
    journal: CheckedJournal, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "decode.journal"):
        mails = await report(journal, Verified(False, 2, 0, 3, "it was changed"))

    assert mails == [("journal-broken", auditor) for auditor in AUDITORS]
    assert [(record.message, vars(record)["seq"]) for record in caplog.records] == [("journal broken", 3)]


async def test_verification_is_recorded_once_in_the_journal(journal: CheckedJournal) -> None:
    intact = Verified(True, 2, 0)
    assert await report(journal, intact) + await report(journal, intact) == []
    await journal.number_all()

    (*_, entry) = await journal.journal.list_after(0, limit=9)

    assert (entry.type, entry.actor and entry.actor.id) == ("audit.verified", "0" * 24)
    assert entry.public == {"result": "intact", "first_broken": None, "checked": 2, "checkpoints": 0}
