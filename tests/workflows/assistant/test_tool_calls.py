"""ToolCall: what may run twice is tried three times, a change once; whatever happens, the call has a result."""

from datetime import timedelta

import pytest
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateStage

from activities.assistant.tool_calls import GiveUpToolCall
from domain.assistant.tools.registry import ATTEMPTS
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, NEO4J_REFUSES
from tests.workflows.time_skipping import Clock
from workflows.assistant.tool_calls import ToolCall, ToolCallInput
from workflows.queues import Queue

KEY = "c" * 24


async def start(client: Client, attempts: int = ATTEMPTS) -> WorkflowHandle[ToolCall, None]:
    return await client.start_workflow(
        ToolCall.run, ToolCallInput(KEY, attempts, 30), id="tool-call/a", task_queue=Queue.ASSISTANT
    )


async def test_caller_waits_until_the_tool_has_run(client: Client, fakes: Fakes) -> None:
    fakes.tool_calls.ran.hang()
    run = await start(client)
    waiting = await run.start_update(ToolCall.wait_finished, wait_for_stage=WorkflowUpdateStage.ACCEPTED)

    fakes.tool_calls.ran.resume()
    await waiting.result()
    await run.result()

    assert [command.call_key for command in fakes.tool_calls.ran.calls] == [KEY]
    assert fakes.tool_calls.given_up.calls == []


async def test_what_may_run_twice_is_tried_again(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.tool_calls.ran.fail(MONGO_AWAY, times=ATTEMPTS - 1)

    await clock.advance_until((await start(client)).result())

    assert len(fakes.tool_calls.ran.calls) == ATTEMPTS
    assert fakes.tool_calls.given_up.calls == []


@pytest.mark.parametrize("attempts", [1, ATTEMPTS])
async def test_call_whose_attempts_have_failed_is_given_up(
    client: Client, clock: Clock, fakes: Fakes, attempts: int
) -> None:
    fakes.tool_calls.ran.always_fail(MONGO_AWAY)

    await clock.advance_until((await start(client, attempts)).result())

    assert len(fakes.tool_calls.ran.calls) == attempts
    assert fakes.tool_calls.given_up.calls == [GiveUpToolCall(KEY, has_timed_out=False)]


@pytest.mark.parametrize(
    ("error", "has_timed_out"), [(TimeoutError(), True), (NEO4J_REFUSES, False)], ids=["late", "refused"]
)
async def test_reason_why_it_was_given_up_is_known(
    client: Client, fakes: Fakes, error: Exception, has_timed_out: bool
) -> None:
    fakes.tool_calls.ran.always_fail(error)

    await (await start(client, 1)).result()

    assert fakes.tool_calls.given_up.calls == [GiveUpToolCall(KEY, has_timed_out)]


async def test_result_is_stored_after_an_outage(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.tool_calls.ran.always_fail(MONGO_AWAY)
    fakes.tool_calls.given_up.fail(MONGO_AWAY, times=8)

    await clock.advance_until((await start(client)).result(), step=timedelta(seconds=10))

    assert len(fakes.tool_calls.given_up.calls) == 9
