"""AuditExport: chunk by chunk, through every outage; a file that is not wanted any more is deleted."""

from activities.journal.audit_export import ExportPlace
from domain.flows import FlowState
from tests.workflows.clients.audit_export import AuditExportClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, MONGO_REFUSES
from tests.workflows.time_skipping import Clock


async def test_each_chunk_begins_where_the_one_before_has_ended(auditor: AuditExportClient, fakes: Fakes) -> None:
    begun = await auditor.starts()

    assert begun.view.state is FlowState.RUNNING
    assert (await auditor.end()).state is FlowState.COMPLETED
    places = [ask.place for ask in fakes.audit_export.gathered.calls]
    assert places == [ExportPlace(0, after=-1), ExportPlace(1, after=500, entries=500)]
    assert len({ask.covered for ask in fakes.audit_export.gathered.calls}) == 1
    assert len(fakes.audit_export.finished.calls) == 1
    assert fakes.audit_export.dropped.calls == []


async def test_export_waits_for_the_store(auditor: AuditExportClient, clock: Clock, fakes: Fakes) -> None:
    fakes.audit_export.gathered.fail(MONGO_AWAY, times=8)

    await auditor.starts()

    assert (await clock.advance_until(auditor.end())).state is FlowState.COMPLETED


async def test_export_that_is_refused_for_good_leaves_nothing(auditor: AuditExportClient, fakes: Fakes) -> None:
    fakes.audit_export.gathered.always_fail(MONGO_REFUSES)

    await auditor.starts()

    assert (await auditor.end()).state is FlowState.FAILED
    assert fakes.audit_export.dropped.calls == [auditor.key]
    assert fakes.audit_export.finished.calls == []


async def test_cancelled_export_leaves_nothing(auditor: AuditExportClient, fakes: Fakes) -> None:
    fakes.audit_export.gathered.hang()
    await auditor.starts()
    await fakes.audit_export.gathered.wait_called(times=1)

    cancelled = await auditor.cancels()
    fakes.audit_export.gathered.resume()

    assert (cancelled.refusal, cancelled.view.state) == (None, FlowState.CANCELLED)
    assert (await auditor.end()).state is FlowState.CANCELLED
    assert fakes.audit_export.dropped.calls == [auditor.key]
    assert len(fakes.audit_export.gathered.calls) == 1
