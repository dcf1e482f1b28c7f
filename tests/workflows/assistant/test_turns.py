"""Turns: one entity per chat answers its messages one after the other, and ends when none is open."""

from datetime import timedelta

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from activities.assistant.model_calls import Say
from activities.assistant.turns import FinishTurn, TurnPlan, TurnsInput
from domain.assistant.language_models import TRIES_PER_MODEL
from domain.assistant.turn_ends import ENDS, TIMED_OUT, UNAVAILABLE, RoundEnd, TurnEnd
from domain.assistant.turns import TURN_TIMEOUT
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, MONGO_REFUSES
from tests.workflows.time_skipping import Clock
from workflows.assistant.turns import Turns, turns_workflow_id
from workflows.queues import Queue
from workflows.search_attributes import BLOCKED_ON

CHAT = TurnsInput(chat_id="cc" * 12, chat_key="a-chats-key")
FIVE_QUIET_TRIES = timedelta(seconds=4)

TurnsRun = WorkflowHandle[Turns, None]


def turn(number: int, *models: str) -> TurnPlan:
    return TurnPlan(f"{number:024x}", CHAT.chat_id, attempt=1, models=[*models] or ["mock"])


FIRST, SECOND = turn(1), turn(2)
HEAVY = "x" * 1_100_000
"""Four of them in a history, and the server asks for a new run."""


async def start(client: Client) -> TurnsRun:
    """Wake the entity as the product does."""
    workflow_id = turns_workflow_id(CHAT.chat_key)
    return await client.start_workflow(
        Turns.run, CHAT, id=workflow_id, task_queue=Queue.ASSISTANT, start_signal="woken"
    )


def finished(plan: TurnPlan, end: TurnEnd = ENDS[RoundEnd.DONE]) -> FinishTurn:
    return FinishTurn(plan.turn_id, plan.attempt, end)


async def test_chat_without_an_open_turn_is_left_alone(client: Client, fakes: Fakes) -> None:
    await (await start(client)).result()

    assert fakes.turns.begun.calls == [CHAT.chat_id]
    assert fakes.turns.said.calls == []


async def test_turns_are_answered_one_after_the_other(client: Client, fakes: Fakes) -> None:
    fakes.turns.open(FIRST, SECOND)
    fakes.turns.said.hang()
    run = await start(client)
    asked = [*await fakes.turns.said.wait_called(times=1)]

    fakes.turns.said.resume()
    await run.result()

    assert asked == [Say(FIRST.turn_id, attempt=1, round=0, model="mock", is_asked_again=True)]
    assert fakes.turns.finished.calls == [finished(FIRST), finished(SECOND)]


async def test_message_sent_while_another_is_answered_is_next(client: Client, fakes: Fakes) -> None:
    fakes.turns.open(FIRST)
    fakes.turns.said.hang()
    run = await start(client)
    await fakes.turns.said.wait_called(times=1)

    fakes.turns.open(SECOND)
    await run.signal(Turns.turns_changed)
    fakes.turns.said.resume()
    await run.result()

    assert fakes.turns.finished.calls == [finished(FIRST), finished(SECOND)]


async def test_message_sent_while_the_entity_ends_is_answered_by_it(client: Client, fakes: Fakes) -> None:
    """The last look has found nothing, and is not over yet."""
    fakes.turns.begun.returns_next(lambda _: None)
    fakes.turns.begun.hang()
    run = await start(client)
    await fakes.turns.begun.wait_called(times=1)

    fakes.turns.open(FIRST)
    await run.signal(Turns.turns_changed)
    fakes.turns.begun.resume()
    await run.result()

    assert fakes.turns.finished.calls == [finished(FIRST)]


@pytest.mark.parametrize("ending", [end for end in ENDS if end is not RoundEnd.UNAVAILABLE])
async def test_turn_ends_as_its_last_round(client: Client, fakes: Fakes, ending: RoundEnd) -> None:
    fakes.turns.open(FIRST)
    fakes.turns.said.returns_next(lambda _: ending)

    await (await start(client)).result()

    assert fakes.turns.finished.calls == [finished(FIRST, ENDS[ending])]
    assert len(fakes.turns.said.calls) == 1


async def test_turn_is_not_too_long_for_a_model_that_was_busy(client: Client, fakes: Fakes) -> None:
    fakes.turns.open(turn(1, "first", "second"))
    fakes.turns.said.returns_next(lambda _: RoundEnd.BUSY, lambda _: RoundEnd.TOO_LONG)

    await (await start(client)).result()

    assert [say.model for say in fakes.turns.said.calls] == ["first", "second"]
    assert fakes.turns.finished.calls == [finished(FIRST, UNAVAILABLE)]


async def test_model_that_fails_once_is_asked_again(client: Client, fakes: Fakes) -> None:
    fakes.turns.open(FIRST)
    fakes.turns.said.returns_next(lambda _: RoundEnd.UNAVAILABLE)

    await (await start(client)).result()

    assert fakes.turns.finished.calls == [finished(FIRST)]
    assert len(fakes.turns.said.calls) == 2


@pytest.mark.parametrize("ending", [RoundEnd.UNUSABLE, RoundEnd.TOO_LONG])
async def test_next_model_is_asked_at_once_when_another_try_does_not_help(
    client: Client, fakes: Fakes, ending: RoundEnd
) -> None:
    fakes.turns.open(turn(1, "first", "second"))
    fakes.turns.said.returns_next(lambda _: ending)

    await (await start(client)).result()

    assert [say.model for say in fakes.turns.said.calls] == ["first", "second"]
    assert fakes.turns.finished.calls == [finished(FIRST)]


async def test_next_model_is_asked_when_the_first_has_failed_twice(client: Client, fakes: Fakes) -> None:
    fakes.turns.open(turn(1, "first", "second"))
    fakes.turns.said.returns_next(*[lambda _: RoundEnd.UNAVAILABLE] * TRIES_PER_MODEL)

    await (await start(client)).result()

    asked = [(say.model, say.is_asked_again) for say in fakes.turns.said.calls]
    assert asked == [("first", True), ("first", False), ("second", True)]
    assert fakes.turns.finished.calls == [finished(FIRST)]


async def test_turn_fails_when_no_model_answers(client: Client, fakes: Fakes) -> None:
    fakes.turns.open(turn(1, "first", "second"), SECOND)
    fakes.turns.said.returns_next(*[lambda _: RoundEnd.UNAVAILABLE] * 2 * TRIES_PER_MODEL)

    await (await start(client)).result()

    assert [say.model for say in fakes.turns.said.calls] == ["first", "first", "second", "second", "mock"]
    assert fakes.turns.finished.calls == [finished(FIRST, UNAVAILABLE), finished(SECOND)]


async def test_store_that_refuses_for_good_fails_the_turn(client: Client, fakes: Fakes) -> None:
    fakes.turns.open(FIRST)
    fakes.turns.said.fail(MONGO_REFUSES, times=1)

    await (await start(client)).result()

    assert fakes.turns.finished.calls == [finished(FIRST, UNAVAILABLE)]


async def test_answer_that_takes_too_long_is_cut_off(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.turns.open(FIRST)
    fakes.turns.said.always_fail(MONGO_AWAY)
    began = await clock.now()

    await clock.advance_until((await start(client)).result(), step=timedelta(seconds=10))

    assert fakes.turns.finished.calls == [finished(FIRST, TIMED_OUT)]
    assert timedelta() < await clock.now() - began - TURN_TIMEOUT < timedelta(seconds=30)


async def test_store_that_is_away_shows_and_nothing_is_lost(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.turns.open(FIRST)
    fakes.turns.begun.fail(MONGO_AWAY, times=12)
    run = await start(client)

    await clock.advance(FIVE_QUIET_TRIES)
    during = (await run.describe()).typed_search_attributes.get(BLOCKED_ON)
    await clock.advance_until(run.result())

    assert during == "mongo"
    assert (await run.describe()).typed_search_attributes.get(BLOCKED_ON) is None
    assert fakes.turns.finished.calls == [finished(FIRST)]


async def test_end_is_written_when_the_store_is_back(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.turns.open(FIRST, SECOND)
    fakes.turns.finished.fail(MONGO_AWAY, times=12)

    await clock.advance_until((await start(client)).result())

    assert fakes.turns.finished.calls == [*[finished(FIRST)] * 13, finished(SECOND)]
    assert len(fakes.turns.said.calls) == 2


async def test_long_history_goes_on_in_a_new_run(client: Client, fakes: Fakes) -> None:
    plans = [turn(number, HEAVY) for number in range(1, 7)]
    fakes.turns.open(*plans)
    run = await start(client)

    await run.result()

    assert fakes.turns.finished.calls == [finished(plan) for plan in plans]
    first_run_id = (await run.describe()).raw_info.first_run_id
    first = await client.get_workflow_handle(run.id, run_id=first_run_id).describe()
    assert first.status is WorkflowExecutionStatus.CONTINUED_AS_NEW
