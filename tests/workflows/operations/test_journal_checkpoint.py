"""JournalCheckpoint: signed, then anchored everywhere; an anchor that is away delays no other, and a day at most."""

from datetime import timedelta

from temporalio.client import Client

from activities.operations.journal_checkpoint import RecordAnchors
from domain.delivery.mail import MailState
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.fakes.journal_checks import SIGNED
from tests.workflows.time_skipping import Clock
from workflows.operations.journal_checkpoint import CheckpointOutcome, JournalCheckpoint
from workflows.queues import Queue

WORKFLOW_ID = "journal-checkpoint-now"


async def run(client: Client, clock: Clock) -> CheckpointOutcome:
    """Run it while time goes on."""
    checkpoint = client.execute_workflow(JournalCheckpoint.run, id=WORKFLOW_ID, task_queue=Queue.BULK)
    outcome: CheckpointOutcome = await clock.advance_until(checkpoint, step=timedelta(hours=1))
    return outcome


async def test_checkpoint_is_anchored_everywhere(client: Client, clock: Clock, fakes: Fakes) -> None:
    outcome = await run(client, clock)

    fake = fakes.journal_checkpoint
    assert outcome == CheckpointOutcome.ANCHORED
    assert [each.owner for each in fake.signed.calls] == [WORKFLOW_ID]
    assert (fake.told.calls, fake.appended.calls) == ([SIGNED], [SIGNED])
    assert [mail.key for mail in fakes.mail.sent.calls] == [SIGNED.mails[0].key]
    assert fake.settled.calls == [RecordAnchors(7, {"journal": "anchored", "file": "anchored", "mail-1": "anchored"})]


async def test_without_news_nothing_is_anchored(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.journal_checkpoint.signed.always_returns(lambda _: None)

    assert await run(client, clock) == CheckpointOutcome.UNCHANGED
    assert fakes.journal_checkpoint.settled.calls == []


async def test_anchor_that_stays_away_is_given_up_after_a_day(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.journal_checkpoint.appended.always_fail(MONGO_AWAY)
    begun = await clock.now()

    outcome = await run(client, clock)

    assert outcome == CheckpointOutcome.PARTLY
    assert fakes.journal_checkpoint.settled.calls == [
        RecordAnchors(7, {"journal": "anchored", "file": "given_up", "mail-1": "anchored"})
    ]
    assert timedelta(hours=24) <= await clock.now() - begun < timedelta(hours=27)


async def test_mail_that_bounces_leaves_it_partly_anchored(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.mail.sent.always_returns(lambda _: MailState.BOUNCED)

    assert await run(client, clock) == CheckpointOutcome.PARTLY
    assert fakes.journal_checkpoint.settled.calls[0].outcomes["mail-1"] == "given_up"
