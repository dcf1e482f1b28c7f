"""AuditVerify: the journal at night and when an admin asks; the auditors are told when it is broken."""

from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.client import Client

from activities.heartbeats import carry, running
from activities.operations.audit_verify import Verified, VerifyJournal
from domain.flows import FlowState
from tests.workflows.clients.audit_verify import AuditVerifyClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.fakes.journal_checks import BROKEN, BROKEN_MAIL, INTACT
from tests.workflows.time_skipping import Clock
from workflows.operations.audit_verify import DEADLINE, AuditVerify, VerifyInput
from workflows.queues import Queue


@pytest.fixture
def admin(client: Client, clock: Clock, fakes: Fakes) -> AuditVerifyClient:
    return AuditVerifyClient(client, clock)


async def test_intact_journal_is_reported_and_no_auditor_is_mailed(admin: AuditVerifyClient, fakes: Fakes) -> None:
    begun = await admin.starts(first=3, last=7)
    report = await admin.report()

    assert begun.view.state is FlowState.RUNNING
    assert (report.state, report.found) == (FlowState.COMPLETED, INTACT)
    assert fakes.audit_verify.verified.calls == [VerifyJournal(3, 7)]
    assert [(each.owner, each.user_id) for each in fakes.audit_verify.reported.calls] == [(admin.workflow_id, "0" * 24)]
    assert await admin.children() == []


async def test_broken_journal_is_reported_and_mailed(admin: AuditVerifyClient, fakes: Fakes) -> None:
    fakes.audit_verify.verified.always_returns(lambda _: BROKEN)

    await admin.starts()
    report = await admin.report()

    assert (report.state, report.found) == (FlowState.COMPLETED, BROKEN)
    assert [mail.key for mail in await fakes.mail.sent.wait_called(times=1)] == [BROKEN_MAIL.key]


async def test_nightly_one_is_the_systems(client: Client, fakes: Fakes) -> None:
    report = await client.execute_workflow(
        AuditVerify.run, VerifyInput(), id="audit-verify-nightly", task_queue=Queue.BULK
    )

    assert (report.flow_id, report.found) == ("", INTACT)
    assert [each.user_id for each in fakes.audit_verify.reported.calls] == [None]


async def test_outage_is_waited_out(admin: AuditVerifyClient, clock: Clock, fakes: Fakes) -> None:
    fakes.audit_verify.verified.fail(MONGO_AWAY, times=8)

    await admin.starts()

    assert (await clock.advance_until(admin.end(), step=timedelta(seconds=30))).state is FlowState.COMPLETED


async def test_outage_that_outlasts_the_deadline_fails_it(admin: AuditVerifyClient, clock: Clock, fakes: Fakes) -> None:
    fakes.audit_verify.verified.always_fail(MONGO_AWAY)

    await admin.starts()

    assert (await clock.advance_until(admin.end(), step=DEADLINE / 4)).state is FlowState.FAILED


async def test_cancelled_it_ends_at_once_and_reports_nothing(admin: AuditVerifyClient, fakes: Fakes) -> None:
    fakes.audit_verify.verified.hang()
    await admin.starts()
    await fakes.audit_verify.verified.wait_called(times=1)

    await admin.cancels()
    report = await admin.report()
    fakes.audit_verify.verified.resume()

    assert (report.state, report.found) == (FlowState.CANCELLED, None)
    assert fakes.audit_verify.reported.calls == []


async def test_next_attempt_has_the_position_of_the_last(admin: AuditVerifyClient, fakes: Fakes) -> None:
    """The beats that the worker sends by itself carry it too."""

    def stop_in_the_middle(_: VerifyJournal) -> Verified:
        carry(3, "ab" * 32, 3, 1)
        beats = running.get()
        assert beats
        beats.beat()
        raise MONGO_AWAY.with_traceback(None)

    def go_on(_: VerifyJournal) -> Verified:
        (seq, _, _, checkpoints) = activity.info().heartbeat_details
        return Verified(ok=True, checked=seq, checkpoints=checkpoints)

    fakes.audit_verify.verified.returns_next(stop_in_the_middle, go_on)

    await admin.starts()

    assert (await admin.report()).found == Verified(ok=True, checked=3, checkpoints=1)
