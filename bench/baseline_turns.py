"""The limits of a turn and of a call of a tool: workflows of the same shape whose steps do nothing."""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity, workflow
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import Worker

from workers.sandbox import workflow_runner
from workflows.activity_options import MODEL, STORE, TOOL
from workflows.steps import run_activity, run_inline_activity

QUEUE = "bench-turns"


class EmptyAssistant:
    """Has messages answered and tools called in which nothing happens."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._asked: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._ended: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    @activity.defn(name="bench.begin")
    async def begin_turn(self, turn: str) -> None:
        """Do nothing."""

    @activity.defn(name="bench.say")
    async def say(self, turn: str) -> None:
        """Note that the model would be asked now, or the tool called."""
        self._asked[turn].set()

    @activity.defn(name="bench.finish")
    async def finish_turn(self, turn: str) -> None:
        """Note that the end would be told now."""
        self._ended[turn].set()

    async def ask(self) -> None:
        """Send a message, and return when the model would be asked."""
        await self._asked[await self._send()].wait()

    async def answer(self) -> None:
        """Send a message, and return when the end would be told."""
        await self._ended[await self._send()].wait()

    async def call(self) -> None:
        """Call a tool, and return when it has run."""
        call = secrets.token_hex(8)
        start = WithStartWorkflowOperation(
            EmptyCall.run,
            call,
            id=f"bench/{call}",
            task_queue=QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        await self._client.execute_update_with_start_workflow(EmptyCall.wait_ended, start_workflow_operation=start)

    async def _send(self) -> str:
        turn = secrets.token_hex(8)
        await self._client.start_workflow(
            EmptyTurn.run, turn, id=f"bench/{turn}", task_queue=QUEUE, start_signal="woken"
        )
        return turn


@workflow.defn(name="BenchEmptyTurn")
class EmptyTurn:
    """As Turns with one message: begin, say, finish, and look for another."""

    @workflow.run
    async def run(self, turn: str) -> None:
        await run_inline_activity(EmptyAssistant.begin_turn, turn, STORE)
        await run_activity(EmptyAssistant.say, turn, MODEL)
        await run_inline_activity(EmptyAssistant.finish_turn, turn, STORE)
        await run_inline_activity(EmptyAssistant.begin_turn, turn, STORE)

    @workflow.signal
    def woken(self) -> None:
        pass


@workflow.defn(name="BenchEmptyCall")
class EmptyCall:
    """As ToolCall: one step, and an update that waits for its end."""

    def __init__(self) -> None:
        self._has_ended = False

    @workflow.run
    async def run(self, call: str) -> None:
        await run_activity(EmptyAssistant.say, call, TOOL)
        self._has_ended = True
        await workflow.wait_condition(workflow.all_handlers_finished)

    @workflow.update
    async def wait_ended(self) -> None:
        await workflow.wait_condition(lambda: self._has_ended)


@asynccontextmanager
async def empty_assistant(client: Client) -> AsyncIterator[EmptyAssistant]:
    """Run a worker for it, with the production runner, so that the sandbox costs the same on both sides."""
    assistant = EmptyAssistant(client)
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[EmptyTurn, EmptyCall],
        activities=[assistant.begin_turn, assistant.say, assistant.finish_turn],
        workflow_runner=workflow_runner(),
    ):
        yield assistant
