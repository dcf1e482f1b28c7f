"""Schedules and their times. On the dev stack, whose worker has declared them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio.client import Schedule, ScheduleHandle, ScheduleOverlapPolicy

from adapters.resources import Resources
from workers.schedules import FOLLOWER_SNAPSHOTS, GRAPH_RECONCILE, SWEEP, ensure_schedules


async def declared(resources: Resources, schedule_id: str) -> Schedule:
    return (await resources.temporal.get_schedule_handle(schedule_id).describe()).schedule


@pytest.fixture
async def paused(resources: Resources) -> AsyncIterator[ScheduleHandle]:
    """The comparison, as an operator has left it."""
    handle = resources.temporal.get_schedule_handle(GRAPH_RECONCILE)
    before = await handle.describe()
    await handle.pause(note="by an operator")
    yield handle
    if not before.schedule.state.paused:
        await handle.unpause()


@pytest.mark.parametrize("schedule_id", [SWEEP, GRAPH_RECONCILE, FOLLOWER_SNAPSHOTS])
async def test_nothing_runs_beside_itself(resources: Resources, schedule_id: str) -> None:
    schedule = await declared(resources, schedule_id)

    assert int(schedule.policy.overlap) == int(ScheduleOverlapPolicy.SKIP)


async def test_graph_is_compared_every_hour(resources: Resources) -> None:
    schedule = await declared(resources, GRAPH_RECONCILE)

    assert [interval.every for interval in schedule.spec.intervals] == [timedelta(hours=1)]


@pytest.mark.defect(68)
async def test_snapshots_are_taken_at_two_at_night_once(resources: Resources) -> None:
    description = await resources.temporal.get_schedule_handle(FOLLOWER_SNAPSHOTS).describe()

    times = [at.isoformat()[11:] for at in description.info.next_action_times[:2]]
    assert times == ["02:00:00+00:00"] * 2


async def test_pause_of_an_operator_survives_the_next_start(resources: Resources, paused: ScheduleHandle) -> None:
    await ensure_schedules(resources.temporal)

    assert (await paused.describe()).schedule.state.note == "by an operator"
    assert (await paused.describe()).schedule.state.paused
