"""AccountExport: noun by noun, through every outage; a file that is not wanted any more is deleted."""

from domain.flows import FlowState
from tests.workflows.clients.account_export import AccountExportClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_REFUSES, NEO4J_AWAY
from tests.workflows.time_skipping import Clock


async def test_every_noun_is_gathered_in_its_place(exporter: AccountExportClient, fakes: Fakes) -> None:
    begun = await exporter.starts()

    assert begun.view.state is FlowState.RUNNING
    assert (await exporter.end()).state is FlowState.COMPLETED
    gathered = [(ask.key, ask.number, ask.noun) for ask in fakes.export.gathered.calls]
    assert gathered == [(exporter.key, 0, "account"), (exporter.key, 1, "devices")]
    assert len(fakes.export.finished.calls) == 1
    assert fakes.export.dropped.calls == []


async def test_outage_of_a_store_passes(exporter: AccountExportClient, clock: Clock, fakes: Fakes) -> None:
    fakes.export.gathered.fail(NEO4J_AWAY, times=8)

    await exporter.starts()

    assert (await clock.advance_until(exporter.end())).state is FlowState.COMPLETED


async def test_refusal_for_good_fails_it_and_leaves_nothing(exporter: AccountExportClient, fakes: Fakes) -> None:
    fakes.export.gathered.always_fail(MONGO_REFUSES)

    await exporter.starts()

    assert (await exporter.end()).state is FlowState.FAILED
    assert fakes.export.dropped.calls == [exporter.key]
    assert fakes.export.finished.calls == []


async def test_owner_ends_it_and_nothing_is_left(exporter: AccountExportClient, fakes: Fakes) -> None:
    fakes.export.gathered.hang()
    await exporter.starts()
    await fakes.export.gathered.wait_called(times=1)

    cancelled = await exporter.cancels()
    fakes.export.gathered.resume()

    assert (cancelled.refusal, cancelled.view.state) == (None, FlowState.CANCELLED)
    assert (await exporter.end()).state is FlowState.CANCELLED
    assert fakes.export.dropped.calls == [exporter.key]
    assert len(fakes.export.gathered.calls) == 1


async def test_cancel_during_the_last_write_still_counts(exporter: AccountExportClient, fakes: Fakes) -> None:
    fakes.export.finished.hang()
    await exporter.starts()
    await fakes.export.finished.wait_called(times=1)

    cancelled = await exporter.cancels()
    again = await exporter.cancels()
    fakes.export.finished.resume()

    assert (cancelled.refusal, again.refusal) == (None, None)
    assert (await exporter.end()).state is FlowState.CANCELLED
    assert fakes.export.dropped.calls == [exporter.key]
