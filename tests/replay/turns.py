"""Produces each outcome of the turns of a chat."""

from collections.abc import Mapping
from datetime import timedelta

from activities.assistant.turns import TurnPlan, TurnsInput
from domain.assistant.turns import RoundEnd
from tests.replay.background import swept_with_journal
from tests.replay.scene import Outcome, Scene
from tests.workflows.fakes.failures import MONGO_AWAY
from workflows.assistant.turns import Turns, turns_workflow_id
from workflows.queues import Queue

CHAT = TurnsInput(chat_id="cc" * 12, chat_key="a-chats-key")
OTHER = TurnsInput(chat_id="dd" * 12, chat_key="another-chats-key")
FIRST = TurnPlan("1a" * 12, CHAT.chat_id, attempt=1, models=["first", "second"])
SECOND = TurnPlan("2a" * 12, CHAT.chat_id, attempt=2, models=["first"])


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


async def swept_with_chats(scene: Scene) -> str:
    """One entity runs already, the other is started."""
    scene.fakes.sweep.found_waiting_chats.always_returns(lambda _: [CHAT, OTHER])
    scene.fakes.turns.open(FIRST)
    scene.fakes.turns.said.hang()
    await scene.client.start_workflow(Turns.run, CHAT, id=turns_workflow_id(CHAT.chat_key), task_queue=Queue.ASSISTANT)
    await scene.fakes.turns.said.wait_called(times=1)
    return await swept_with_journal(scene)


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
    "sweep-swept-with-chats": swept_with_chats,
}
