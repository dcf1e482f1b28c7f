"""Turns whose model asks for tools: calls run in order, and one that needs an approval waits for its user."""

from dataclasses import replace
from datetime import timedelta

from temporalio.client import Client

from activities.assistant.model_calls import Say
from activities.assistant.tool_calls import GiveUpToolCall
from activities.assistant.turn_calls import LookAtCall, PrepareCalls
from domain.assistant.tool_calls import APPROVAL_TIMEOUT
from domain.assistant.turn_ends import STOPPED, TIMED_OUT, TOO_MANY_CALLS, RoundEnd
from domain.assistant.turns import MAX_ROUNDS, TURN_TIMEOUT
from tests.workflows.assistant.turn_runs import (
    CHANGE,
    DONE,
    NEXT,
    OTHER_READ,
    READ,
    TURN,
    TurnsRun,
    ran,
    start,
    started,
)
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, NEO4J_REFUSES
from tests.workflows.time_skipping import Clock
from workflows.assistant.turns import Turns

LOOK, LATE_LOOK = (LookAtCall(TURN.turn_id, CHANGE.call_id, is_late) for is_late in (False, True))
TOO_MANY = replace(DONE, end=TOO_MANY_CALLS)
A_MINUTE, NINE_MINUTES = timedelta(minutes=1), timedelta(minutes=9)


async def start_and_wait(client: Client, clock: Clock, fakes: Fakes) -> TurnsRun:
    """The same with a turn that waits for an approval of its call."""
    fakes.turns.ask_for(replace(CHANGE, expires_at=await clock.now() + APPROVAL_TIMEOUT))
    fakes.turns.looked.always_returns(lambda command: not command.is_late)
    run = await start(client, fakes)
    await fakes.turns.looked.wait_called(times=1)
    return run


async def decide(run: TurnsRun, fakes: Fakes) -> None:
    """Let the call wait no longer, and wake its turn."""
    fakes.turns.looked.always_returns(lambda _: False)
    await run.signal(Turns.turns_changed)


async def test_rounds_go_on_until_no_call_is_asked_for(client: Client, fakes: Fakes) -> None:
    fakes.turns.ask_for(READ)
    fakes.turns.ask_for(OTHER_READ)

    await (await start(client, fakes)).result()

    assert fakes.turns.said.calls == [Say(TURN.turn_id, TURN.attempt, round, "mock", True) for round in range(3)]
    assert fakes.turns.prepared.calls == [PrepareCalls(TURN.turn_id, TURN.attempt, round) for round in range(2)]
    assert fakes.turns.finished.calls == [DONE]


async def test_calls_that_need_no_approval_run_at_once_and_in_order(client: Client, fakes: Fakes) -> None:
    fakes.turns.ask_for(READ, OTHER_READ)

    await (await start(client, fakes)).result()

    assert fakes.turns.looked.calls == []
    assert fakes.turns.started.calls == started(READ, OTHER_READ)
    assert fakes.tool_calls.ran.calls == ran(READ, OTHER_READ)


async def test_call_that_may_not_begin_does_not_run(client: Client, fakes: Fakes) -> None:
    fakes.turns.ask_for(READ, OTHER_READ)
    fakes.turns.started.returns_next(lambda _: False)

    await (await start(client, fakes)).result()

    assert fakes.tool_calls.ran.calls == ran(OTHER_READ)
    assert fakes.turns.finished.calls == [DONE]


async def test_call_that_waits_is_looked_at_after_each_wake_up_and_begins_when_decided(
    client: Client, clock: Clock, fakes: Fakes
) -> None:
    run = await start_and_wait(client, clock, fakes)
    await run.signal(Turns.turns_changed)
    await fakes.turns.looked.wait_called(times=2)
    before = [*fakes.turns.started.calls]

    await decide(run, fakes)
    await run.result()

    assert before == []
    assert fakes.turns.looked.calls == [LOOK] * 3
    assert fakes.turns.started.calls == started(CHANGE)
    assert fakes.tool_calls.ran.calls == ran(CHANGE)
    assert fakes.turns.finished.calls == [DONE]


async def test_turn_goes_on_when_nothing_was_decided_in_ten_minutes(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.turns.started.always_returns(lambda _: False)
    began = await clock.now()
    run = await start_and_wait(client, clock, fakes)

    await clock.advance_until(run.result(), step=timedelta(seconds=10))

    assert timedelta() <= await clock.now() - began - APPROVAL_TIMEOUT < A_MINUTE
    assert fakes.turns.looked.calls == [LOOK, LATE_LOOK]
    assert fakes.tool_calls.ran.calls == []
    assert (len(fakes.turns.said.calls), fakes.turns.finished.calls) == (2, [DONE])


async def test_time_of_waiting_does_not_count_for_the_turn(client: Client, clock: Clock, fakes: Fakes) -> None:
    began = await clock.now()
    run = await start_and_wait(client, clock, fakes)
    await clock.advance(NINE_MINUTES)
    fakes.turns.said.always_fail(MONGO_AWAY)

    await decide(run, fakes)
    await clock.advance_until(run.result(), step=timedelta(seconds=10))

    assert timedelta() <= await clock.now() - began - NINE_MINUTES - TURN_TIMEOUT < A_MINUTE
    assert fakes.turns.finished.calls == [replace(DONE, end=TIMED_OUT)]


async def test_message_sent_while_a_call_waits_is_next(client: Client, clock: Clock, fakes: Fakes) -> None:
    run = await start_and_wait(client, clock, fakes)
    fakes.turns.open(NEXT)
    await run.signal(Turns.turns_changed)
    await fakes.turns.looked.wait_called(times=2)
    before = [*fakes.turns.started.calls, *fakes.turns.finished.calls]

    await decide(run, fakes)
    await run.result()

    assert before == []
    assert fakes.turns.finished.calls == [DONE, replace(DONE, turn_id=NEXT.turn_id)]


async def test_turn_that_is_stopped_while_a_call_waits_ends(client: Client, clock: Clock, fakes: Fakes) -> None:
    """Who looks at the call declines it then, and the next round is not asked."""
    run = await start_and_wait(client, clock, fakes)
    fakes.turns.started.always_returns(lambda _: False)
    fakes.turns.said.always_returns(lambda _: RoundEnd.STOPPED)

    await decide(run, fakes)
    await run.result()

    assert fakes.tool_calls.ran.calls == []
    assert fakes.turns.finished.calls == [replace(DONE, end=STOPPED)]


async def test_model_that_asks_for_calls_in_each_round_is_not_asked_again(client: Client, fakes: Fakes) -> None:
    for _ in range(MAX_ROUNDS):
        fakes.turns.ask_for(READ)

    await (await start(client, fakes)).result()

    assert len(fakes.turns.said.calls) == len(fakes.tool_calls.ran.calls) == MAX_ROUNDS
    assert fakes.turns.finished.calls == [TOO_MANY]


async def test_turn_over_the_limit_of_calls_ends_after_those_that_were_allowed(client: Client, fakes: Fakes) -> None:
    fakes.turns.ask_for(READ, OTHER_READ, is_over_limit=True)

    await (await start(client, fakes)).result()

    assert fakes.tool_calls.ran.calls == ran(READ, OTHER_READ)
    assert len(fakes.turns.said.calls) == 1
    assert fakes.turns.finished.calls == [TOO_MANY]


async def test_turn_goes_on_after_a_call_whose_attempts_have_failed(client: Client, fakes: Fakes) -> None:
    fakes.turns.ask_for(CHANGE, OTHER_READ)
    fakes.tool_calls.ran.fail(NEO4J_REFUSES, times=1)

    await (await start(client, fakes)).result()

    assert fakes.tool_calls.ran.calls == ran(CHANGE, OTHER_READ)
    assert fakes.tool_calls.given_up.calls == [GiveUpToolCall(CHANGE.call_key, has_timed_out=False)]
    assert fakes.turns.finished.calls == [DONE]


async def test_calls_begin_when_the_store_is_back(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.turns.ask_for(READ)
    for fake in (fakes.turns.prepared, fakes.turns.started):
        fake.fail(MONGO_AWAY, times=8)

    await clock.advance_until((await start(client, fakes)).result())

    assert (len(fakes.turns.prepared.calls), len(fakes.turns.started.calls)) == (9, 9)
    assert fakes.tool_calls.ran.calls == ran(READ)
    assert fakes.turns.finished.calls == [DONE]
