"""Calls of a turn that is to stop, or whose time is over: what may run twice is cut off, a change is awaited."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from activities.assistant.tool_calls import GiveUpToolCall
from activities.assistant.turn_calls import PreparedCall, StartCall
from domain.assistant.turn_ends import STOPPED, TIMED_OUT, RoundEnd
from tests.support.polling import eventually
from tests.workflows.assistant.turn_runs import CHANGE, DONE, OTHER_READ, READ, TURN, TurnsRun, ran, start
from tests.workflows.fakes.all import Fakes
from tests.workflows.time_skipping import Clock
from workflows.assistant import turns
from workflows.assistant.turns import Turns

CUT_OFF = GiveUpToolCall(READ.call_key, has_timed_out=False, is_stopped=True)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
SHORT = timedelta(seconds=2)


@pytest.fixture
def short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns of two seconds: the clock skips nothing while an activity runs."""
    monkeypatch.setattr(turns, "TURN_TIMEOUT", SHORT)


async def start_and_run(client: Client, fakes: Fakes, *calls: PreparedCall) -> TurnsRun:
    """A turn whose first call runs until it is told to end."""
    fakes.turns.ask_for(*calls)
    fakes.tool_calls.ran.hang()
    run = await start(client, fakes)
    await fakes.tool_calls.ran.wait_called(times=1)
    return run


async def stop(run: TurnsRun, fakes: Fakes) -> None:
    """Have the turn stop: nothing more begins in it."""
    fakes.turns.stop_looked.always_returns(lambda _: True)
    fakes.turns.started.always_returns(lambda _: False)
    fakes.turns.said.always_returns(lambda _: RoundEnd.STOPPED)
    await run.signal(Turns.turns_changed)


async def wait_until_heard(run: TurnsRun) -> None:
    """Wait until the entity, whose call runs, has taken its signals."""

    async def is_heard() -> bool:
        *_, last = [event async for event in run.fetch_history_events()]
        return last.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED

    await eventually(is_heard)


async def test_call_that_may_run_twice_is_cut_off_by_a_stop(client: Client, fakes: Fakes) -> None:
    run = await start_and_run(client, fakes, READ, OTHER_READ)

    await stop(run, fakes)
    await run.result()

    assert fakes.turns.stop_looked.calls == [TURN.turn_id]
    assert fakes.tool_calls.ran.calls == ran(READ)
    assert fakes.tool_calls.given_up.calls == [CUT_OFF]
    assert fakes.turns.finished.calls == [replace(DONE, end=STOPPED)]


async def test_wake_up_for_something_else_cuts_nothing_off(client: Client, fakes: Fakes) -> None:
    run = await start_and_run(client, fakes, READ)

    await run.signal(Turns.turns_changed)
    await fakes.turns.stop_looked.wait_called(times=1)
    fakes.tool_calls.ran.resume()
    await run.result()

    assert fakes.tool_calls.given_up.calls == []
    assert fakes.turns.finished.calls == [DONE]


async def test_change_is_awaited_before_its_turn_stops(client: Client, fakes: Fakes) -> None:
    run = await start_and_run(client, fakes, CHANGE, OTHER_READ)

    await stop(run, fakes)
    await wait_until_heard(run)
    before = [*fakes.turns.finished.calls]
    fakes.tool_calls.ran.resume()
    await run.result()

    assert before == []
    assert fakes.tool_calls.ran.calls == ran(CHANGE)
    assert fakes.tool_calls.given_up.calls == []
    assert fakes.turns.finished.calls == [replace(DONE, end=STOPPED)]


async def test_call_that_may_run_twice_is_cut_off_when_the_time_of_its_turn_is_over(
    client: Client, fakes: Fakes, short_turns: None
) -> None:
    run = await start_and_run(client, fakes, READ, replace(CHANGE, expires_at=LATER))

    await run.result()

    assert fakes.tool_calls.given_up.calls == [GiveUpToolCall(READ.call_key, has_timed_out=True)]
    assert fakes.turns.looked.calls == []
    assert fakes.turns.started.calls[1:] == [StartCall(TURN.turn_id, CHANGE.call_id, is_late=True)]
    assert fakes.turns.finished.calls == [replace(DONE, end=TIMED_OUT)]


async def test_change_that_runs_when_the_time_of_its_turn_is_over_is_awaited(
    client: Client, clock: Clock, fakes: Fakes, short_turns: None
) -> None:
    run = await start_and_run(client, fakes, CHANGE)
    over_at = await clock.now() + SHORT

    async def is_over() -> bool:
        return await clock.now() > over_at

    await eventually(is_over)
    fakes.tool_calls.ran.resume()
    await run.result()

    assert fakes.tool_calls.given_up.calls == []
    assert len(fakes.turns.said.calls) == 1
    assert fakes.turns.finished.calls == [replace(DONE, end=TIMED_OUT)]
