"""FollowerSnapshots: page after page of one day, through every outage, at night and when an admin asks."""

from datetime import timedelta

import pytest
from temporalio.client import Client

from activities.social.follower_snapshots import PagesDone
from domain.flows import FlowKind, FlowState
from tests.workflows.clients.follower_snapshots import FollowerSnapshotsClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_REFUSES, NEO4J_AWAY
from tests.workflows.time_skipping import Clock
from workflows.queues import Queue
from workflows.social.follower_snapshots import MAX_LISTED, FollowerSnapshots, SnapshotsInput, SnapshotsProgress

TENTH = "aa" * 12
CORRUPT = "cc" * 12
FAR = "x" * 1_100_000
"""Four of them in a history, and the server asks for a new run."""


@pytest.fixture
def admin(client: Client, clock: Clock, fakes: Fakes) -> FollowerSnapshotsClient:
    return FollowerSnapshotsClient(client, clock)


async def test_pages_follow_one_another(admin: FollowerSnapshotsClient, fakes: Fakes) -> None:
    fakes.snapshots.pages.returns_next(lambda _: PagesDone(10, TENTH, (CORRUPT,)))

    begun = await admin.starts()
    report = await admin.report()

    assert (begun.view.state, begun.view.kind) == (FlowState.RUNNING, FlowKind.FOLLOWER_SNAPSHOTS)
    assert [ask.after for ask in fakes.snapshots.pages.calls] == ["", TENTH]
    assert (report.state, report.people, report.unreadable) == (FlowState.COMPLETED, 15, (CORRUPT,))


async def test_result_is_that_of_any_flow(admin: FollowerSnapshotsClient) -> None:
    await admin.starts()

    view = await admin.end()

    assert (view.flow_id, view.state) == (admin.flow_id, FlowState.COMPLETED)
    assert await admin.listed_state() == FlowState.COMPLETED


async def test_nightly_one_is_the_flow_of_no_user(client: Client, fakes: Fakes) -> None:
    report = await client.execute_workflow(
        FollowerSnapshots.run, SnapshotsInput(), id="follower-snapshots", task_queue=Queue.BULK
    )

    assert (report.flow_id, report.state, report.people) == ("", FlowState.COMPLETED, 5)


async def test_day_stays_that_of_the_beginning(client: Client, fakes: Fakes) -> None:
    """A new run that has been handed a day of long ago."""
    order = SnapshotsInput(so_far=SnapshotsProgress("2020-02-29", TENTH, people=10))

    report = await client.execute_workflow(FollowerSnapshots.run, order, id="follower-snapshots", task_queue=Queue.BULK)

    (ask,) = fakes.snapshots.pages.calls
    assert (ask.day, ask.after) == ("2020-02-29", TENTH)
    assert ask.at.year > 2020
    assert (report.day, report.people) == ("2020-02-29", 15)


async def test_outage_is_waited_out(admin: FollowerSnapshotsClient, clock: Clock, fakes: Fakes) -> None:
    fakes.snapshots.pages.fail(NEO4J_AWAY, times=8)

    await admin.starts()

    assert (await clock.advance_until(admin.end(), step=timedelta(seconds=30))).state is FlowState.COMPLETED


async def test_refusal_for_good_fails_it(admin: FollowerSnapshotsClient, fakes: Fakes) -> None:
    fakes.snapshots.pages.always_fail(MONGO_REFUSES)

    await admin.starts()

    assert (await admin.end()).state is FlowState.FAILED


async def test_cancelled_it_takes_no_further_page(admin: FollowerSnapshotsClient, fakes: Fakes) -> None:
    fakes.snapshots.pages.returns_next(lambda _: PagesDone(10, TENTH))
    fakes.snapshots.pages.hang()
    await admin.starts()
    await fakes.snapshots.pages.wait_called(times=1)

    cancelled, again = await admin.cancels(), await admin.cancels()
    fakes.snapshots.pages.resume()
    report = await admin.report()

    assert (cancelled.refusal, again.refusal) == (None, None)
    assert (report.state, report.people) == (FlowState.CANCELLED, 10)
    assert len(fakes.snapshots.pages.calls) == 1


async def test_cancel_during_the_last_page_still_counts(admin: FollowerSnapshotsClient, fakes: Fakes) -> None:
    fakes.snapshots.pages.hang()
    await admin.starts()
    await fakes.snapshots.pages.wait_called(times=1)

    await admin.cancels()
    fakes.snapshots.pages.resume()

    assert (await admin.end()).state is FlowState.CANCELLED


async def test_status_reports_the_progress(admin: FollowerSnapshotsClient, fakes: Fakes) -> None:
    fakes.snapshots.pages.returns_next(lambda _: PagesDone(10, TENTH))
    await admin.starts()
    await admin.end()

    seen = await admin.flow.query(FollowerSnapshots.get_status)

    assert (seen.state, seen.people) == (FlowState.COMPLETED, 15)


async def test_long_one_goes_on_in_a_new_run(admin: FollowerSnapshotsClient, clock: Clock, fakes: Fakes) -> None:
    fakes.snapshots.pages.returns_next(*[lambda _: PagesDone(10, FAR, (CORRUPT,) * 60)] * 2)

    await admin.starts()
    report = await clock.advance_until(admin.report())

    assert (report.flow_id, report.people) == (admin.flow_id, 25)
    assert report.unreadable == (CORRUPT,) * MAX_LISTED
    assert len({ask.day for ask in fakes.snapshots.pages.calls}) == 1
