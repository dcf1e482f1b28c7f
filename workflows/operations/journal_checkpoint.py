"""JournalCheckpoint: every hour, sign the newest place of the journal, and anchor it outside of the database."""

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.delivery.mail import MailInput
from activities.operations.journal_checkpoint import JournalCheckpointActivities, RecordAnchors, SignedHead, SignHead
from domain.delivery.mail import MailState
from workflows.activity_options import ANCHOR_FILE, STORE
from workflows.delivery.mail import send_mail_and_wait
from workflows.steps import run_activity

CHECKPOINT_INTERVAL = timedelta(hours=1)
ANCHOR_DEADLINE = timedelta(hours=24)
SUMMARY = "Signs the newest place of the journal"


class AnchorOutcome(StrEnum):
    """What became of one anchor within its deadline. UNKNOWN: its mail was begun before the workflow was reset."""

    ANCHORED = "anchored"
    GIVEN_UP = "given_up"
    UNKNOWN = "unknown"


class CheckpointOutcome(StrEnum):
    """How a checkpoint ended. UNCHANGED: nothing new was there to sign."""

    ANCHORED = "anchored"
    PARTLY = "partly"
    UNCHANGED = "unchanged"


@workflow.defn(name="JournalCheckpoint")
class JournalCheckpoint:
    """One checkpoint. Returns how it ended."""

    @workflow.run
    async def run(self) -> CheckpointOutcome:
        """Sign, then anchor everywhere at once. An anchor that takes longer than its deadline is given up."""
        command = SignHead(workflow.info().workflow_id, workflow.now())
        signed = await run_activity(JournalCheckpointActivities.sign, command, STORE)
        if signed is None:
            return CheckpointOutcome.UNCHANGED
        outcomes = await _anchor(signed, workflow.now() + ANCHOR_DEADLINE)
        settled = RecordAnchors(signed.seq, {name: outcome.value for name, outcome in outcomes.items()})
        await run_activity(JournalCheckpointActivities.record_anchors, settled, STORE)
        is_whole = all(outcome is AnchorOutcome.ANCHORED for outcome in outcomes.values())
        return CheckpointOutcome.ANCHORED if is_whole else CheckpointOutcome.PARTLY


async def _anchor(signed: SignedHead, give_up_at: datetime) -> Mapping[str, AnchorOutcome]:
    """Return what became of each anchor, by its name: none of them has an address in it."""
    tell = run_activity(JournalCheckpointActivities.record_occurrence, signed, STORE, give_up_at=give_up_at)
    anchors = {"journal": _outcome(tell)}
    if signed.has_file:
        append = run_activity(JournalCheckpointActivities.append, signed, ANCHOR_FILE, give_up_at=give_up_at)
        anchors["file"] = _outcome(append)
    for number, mail in enumerate(signed.mails, start=1):
        anchors[f"mail-{number}"] = _mail_outcome(mail, give_up_at)
    return dict(zip(anchors, await asyncio.gather(*anchors.values()), strict=True))


async def _outcome(anchoring: Awaitable[None]) -> AnchorOutcome:
    try:
        await anchoring
    except ActivityError:
        return AnchorOutcome.GIVEN_UP
    return AnchorOutcome.ANCHORED


async def _mail_outcome(mail: MailInput, give_up_at: datetime) -> AnchorOutcome:
    state = await send_mail_and_wait(mail, give_up_at=give_up_at)
    if state is None:
        return AnchorOutcome.UNKNOWN
    return AnchorOutcome.ANCHORED if state is MailState.ACCEPTED else AnchorOutcome.GIVEN_UP
