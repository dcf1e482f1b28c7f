"""Produces each outcome of a call of a tool."""

from collections.abc import Mapping
from datetime import timedelta

from tests.replay.scene import Outcome, Scene
from tests.workflows.fakes.failures import MONGO_AWAY
from workflows.assistant.tool_calls import ToolCall, ToolCallInput
from workflows.queues import Queue


async def ran(scene: Scene) -> str:
    return await _called(scene, attempts=1)


async def tried_again(scene: Scene) -> str:
    scene.fakes.tool_calls.ran.fail(MONGO_AWAY, times=2)
    return await _called(scene, attempts=3)


async def given_up(scene: Scene) -> str:
    """The store is away for longer than the quiet tries."""
    scene.fakes.tool_calls.ran.always_fail(MONGO_AWAY)
    scene.fakes.tool_calls.given_up.fail(MONGO_AWAY, times=8)
    return await _called(scene, attempts=3)


TOOL_CALLS: Mapping[str, Outcome] = {
    "tool-call-ran": ran,
    "tool-call-tried-again": tried_again,
    "tool-call-given-up": given_up,
}


async def _called(scene: Scene, *, attempts: int) -> str:
    run = await scene.client.start_workflow(
        ToolCall.run, ToolCallInput("c" * 24, attempts, 30), id="tool-call/a", task_queue=Queue.ASSISTANT
    )
    await scene.clock.advance_until(run.execute_update(ToolCall.wait_finished), step=timedelta(seconds=10))
    await run.result()
    return run.id
