"""Produces each outcome of the turns of a chat."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from temporalio.client import WorkflowHandle

from activities.assistant.tool_calls import RunToolCall
from activities.assistant.turn_calls import PreparedCall
from activities.assistant.turns import TurnPlan, TurnsInput
from domain.assistant.tool_calls import APPROVAL_TIMEOUT
from domain.assistant.turn_ends import RoundEnd
from tests.replay.background import swept_with_journal
from tests.replay.scene import Outcome, Scene
from tests.workflows.fakes.failures import MONGO_AWAY
from workflows.assistant.turns import Turns, turns_workflow_id
from workflows.queues import Queue

CHAT = TurnsInput(chat_id="cc" * 12, chat_key="a-chats-key")
OTHER = TurnsInput(chat_id="dd" * 12, chat_key="another-chats-key")
FIRST = TurnPlan("1a" * 12, CHAT.chat_id, attempt=1, models=["first", "second"])
SECOND = TurnPlan("2a" * 12, CHAT.chat_id, attempt=2, models=["first"])
READ = PreparedCall("b" * 24, "call-b", attempts=3, timeout_seconds=30)
CHANGE = PreparedCall("d" * 24, "call-d", attempts=1, timeout_seconds=30)


async def answered(scene: Scene) -> str:
    scene.fakes.turns.open(FIRST)
    return await _answering(scene)


async def stopped(scene: Scene) -> str:
    scene.fakes.turns.said.returns_next(lambda _: RoundEnd.STOPPED)
    return await answered(scene)


async def failed(scene: Scene) -> str:
    """No model answers."""
    scene.fakes.turns.said.always_returns(lambda _: RoundEnd.UNAVAILABLE)
    return await answered(scene)


async def timed_out(scene: Scene) -> str:
    scene.fakes.turns.said.always_fail(MONGO_AWAY)
    return await answered(scene)


async def answered_through_outages(scene: Scene) -> str:
    """The store is away at each step for longer than the quiet tries."""
    for fake in (scene.fakes.turns.begun, scene.fakes.turns.said, scene.fakes.turns.finished):
        fake.fail(MONGO_AWAY, times=8)
    return await answered(scene)


async def answered_several(scene: Scene) -> str:
    """The second message comes while the first is answered, by the second model."""
    turns = scene.fakes.turns
    turns.open(FIRST)
    turns.said.returns_next(*[lambda _: RoundEnd.UNAVAILABLE] * 2)
    turns.said.hang()
    run = await scene.client.start_workflow(
        Turns.run, CHAT, id=turns_workflow_id(CHAT.chat_key), task_queue=Queue.ASSISTANT, start_signal="woken"
    )
    await turns.said.wait_called(times=1)
    turns.open(SECOND)
    await run.signal(Turns.turns_changed)
    turns.said.resume()
    await run.result()
    return run.id


async def read(scene: Scene) -> str:
    """Two rounds ask for calls that need no approval. The first is tried again, the second is given up."""
    scene.fakes.turns.ask_for(READ)
    scene.fakes.turns.ask_for(CHANGE)
    scene.fakes.tool_calls.ran.fail(MONGO_AWAY, times=2)
    scene.fakes.tool_calls.ran.returns_next(lambda _: None, _lost)
    return await answered(scene)


async def approved(scene: Scene) -> str:
    """A wake-up for something else comes before the decision."""
    turns = scene.fakes.turns
    await _ask_for_change(scene)
    turns.open(FIRST)
    run = await scene.client.start_workflow(
        Turns.run, CHAT, id=turns_workflow_id(CHAT.chat_key), task_queue=Queue.ASSISTANT, start_signal="woken"
    )
    await turns.looked.wait_called(times=1)
    await run.signal(Turns.turns_changed)
    await turns.looked.wait_called(times=2)
    turns.looked.always_returns(lambda _: False)
    await run.signal(Turns.turns_changed)
    await run.result()
    return run.id


async def not_decided(scene: Scene) -> str:
    """The user does not decide in time."""
    scene.fakes.turns.started.always_returns(lambda _: False)
    await _ask_for_change(scene)
    return await answered(scene)


async def asked_too_much(scene: Scene) -> str:
    scene.fakes.turns.ask_for(READ, CHANGE, is_over_limit=True)
    return await answered(scene)


async def woken_in_a_call(scene: Scene) -> str:
    """Something else in the chat changes while a tool runs."""
    run = await _in_a_call(scene)
    await run.signal(Turns.turns_changed)
    scene.fakes.tool_calls.ran.resume()
    await run.result()
    return run.id


async def stopped_in_a_call(scene: Scene) -> str:
    """What wakes the entity first is no stop."""
    turns, run = scene.fakes.turns, await _in_a_call(scene)
    await run.signal(Turns.turns_changed)
    await turns.stop_looked.wait_called(times=1)
    turns.stop_looked.always_returns(lambda _: True)
    turns.said.always_returns(lambda _: RoundEnd.STOPPED)
    await run.signal(Turns.turns_changed)
    await run.result()
    return run.id


async def late_for_a_call(scene: Scene) -> str:
    """The store is away for so long that the time of the turn is over when the call could begin."""
    scene.fakes.turns.prepared.fail(MONGO_AWAY, times=40)
    await _ask_for_change(scene)
    return await answered(scene)


async def called_past_its_time(scene: Scene) -> str:
    """A tool is tried for longer than the turn may take, and another call comes after it."""
    scene.fakes.turns.ask_for(replace(READ, attempts=200), CHANGE)
    scene.fakes.tool_calls.ran.fail(MONGO_AWAY, times=200)
    return await answered(scene)


async def swept_with_chats(scene: Scene) -> str:
    """One entity runs already, the other is started."""
    scene.fakes.sweep.found_waiting_chats.always_returns(lambda _: [CHAT, OTHER])
    scene.fakes.turns.open(FIRST)
    scene.fakes.turns.said.hang()
    await scene.client.start_workflow(Turns.run, CHAT, id=turns_workflow_id(CHAT.chat_key), task_queue=Queue.ASSISTANT)
    await scene.fakes.turns.said.wait_called(times=1)
    return await swept_with_journal(scene)


def _lost(_: RunToolCall) -> None:
    raise MONGO_AWAY


async def _ask_for_change(scene: Scene) -> None:
    """The first round asks for a change, which waits until it is late."""
    expires_at = await scene.clock.now() + APPROVAL_TIMEOUT
    scene.fakes.turns.ask_for(replace(CHANGE, expires_at=expires_at))
    scene.fakes.turns.looked.always_returns(lambda command: not command.is_late)


async def _in_a_call(scene: Scene) -> WorkflowHandle[Turns, None]:
    """A turn whose tool runs until it is told to end."""
    scene.fakes.turns.open(FIRST)
    scene.fakes.turns.ask_for(READ)
    scene.fakes.tool_calls.ran.hang()
    run = await scene.client.start_workflow(
        Turns.run, CHAT, id=turns_workflow_id(CHAT.chat_key), task_queue=Queue.ASSISTANT, start_signal="woken"
    )
    await scene.fakes.tool_calls.ran.wait_called(times=1)
    return run


async def _answering(scene: Scene) -> str:
    run = await scene.client.start_workflow(
        Turns.run, CHAT, id=turns_workflow_id(CHAT.chat_key), task_queue=Queue.ASSISTANT, start_signal="woken"
    )
    await scene.clock.advance_until(run.result(), step=timedelta(seconds=10))
    return run.id


TURNS: Mapping[str, Outcome] = {
    "turns-answered": answered,
    "turns-stopped": stopped,
    "turns-failed": failed,
    "turns-timed-out": timed_out,
    "turns-blocked-and-recovered": answered_through_outages,
    "turns-answered-several": answered_several,
    "turns-read-by-tools": read,
    "turns-approved-call": approved,
    "turns-call-not-decided": not_decided,
    "turns-over-the-limit-of-calls": asked_too_much,
    "turns-woken-in-a-call": woken_in_a_call,
    "turns-stopped-in-a-call": stopped_in_a_call,
    "turns-late-for-a-call": late_for_a_call,
    "turns-called-past-their-time": called_past_its_time,
    "sweep-swept-with-chats": swept_with_chats,
}
