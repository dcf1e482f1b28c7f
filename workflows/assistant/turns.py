"""Turns: one entity per chat, which answers its messages one after the other. It ends when none is open."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, RetryState

from activities.assistant.model_calls import ModelCallActivities, Say
from activities.assistant.turn_calls import LookAtCall, PrepareCalls, PreparedCall, StartCall, TurnCallActivities
from activities.assistant.turns import FinishTurn, TurnActivities, TurnPlan, TurnsInput
from domain.assistant.language_models import TRIES_PER_MODEL
from domain.assistant.turn_ends import ENDS, TIMED_OUT, TOO_MANY_CALLS, UNAVAILABLE, RoundEnd, TurnEnd, last_ending
from domain.assistant.turns import MAX_ROUNDS, TURN_TIMEOUT
from workflows.activity_options import MODEL, STORE
from workflows.assistant.tool_calls import ToolCallInput, cut_off, run_tool
from workflows.background import start_or_signal
from workflows.queues import Queue
from workflows.steps import run_activity, run_inline_activity

ONE_TASK = timedelta(milliseconds=1)
SUMMARY = "Answers the messages of one chat"
ENDS_CALLS = "turns-end-calls"
"""A stop ends what a call does, and so does the time of the turn. The patch can be removed on 2027-03-01."""


def turns_workflow_id(chat_key: str) -> str:
    """Return the workflow id of a chat's entity; `chat_key` is the keyed hash of the chat id."""
    return f"turns/{chat_key}"


def turns_input(chat_id: str, chat_key: str) -> TurnsInput:
    """Return the input of a chat's entity, for callers that may not import activities."""
    return TurnsInput(chat_id, chat_key)


@workflow.defn(name="Turns")
class Turns:
    """Answers the open turns of one chat, oldest first. Ends when there is none."""

    @workflow.init
    def __init__(self, input: TurnsInput) -> None:
        self._is_woken = True
        self._give_up_at = workflow.now()

    @workflow.signal(name="woken")
    def turns_changed(self) -> None:
        """Wake the entity for what has changed in the chat, which it reads from the store, not from the signal."""
        self._is_woken = True

    @workflow.run
    async def run(self, input: TurnsInput) -> None:
        """Answer one turn after the other until none is open."""
        while self._is_woken:
            self._is_woken = False
            while turn := await run_inline_activity(TurnActivities.begin, input.chat_id, STORE):
                end = await self._answer(turn)
                await run_inline_activity(TurnActivities.finish, FinishTurn(turn.turn_id, turn.attempt, end), STORE)
                if workflow.info().is_continue_as_new_suggested():
                    workflow.continue_as_new(input)

    async def _answer(self, turn: TurnPlan) -> TurnEnd:
        """Ask the models round by round, and have done what they ask for, until they are done."""
        self._give_up_at = workflow.now() + TURN_TIMEOUT
        for round in range(MAX_ROUNDS):
            end = await self._say(turn, round) or await self._run_calls(turn, round)
            if end is not None:
                return end
        return TOO_MANY_CALLS

    async def _say(self, turn: TurnPlan, round: int) -> TurnEnd | None:
        """Ask the models, one after the other, until one answers. Return how that ends the turn; None if it asks for
        tools.
        """
        endings: list[RoundEnd] = []
        try:
            for model in turn.models:
                endings.append(await self._ask(turn, round, model))
                if not endings[-1].is_left_to_others:
                    break
        except ActivityError as error:
            return TIMED_OUT if error.retry_state is RetryState.TIMEOUT else UNAVAILABLE
        ending = last_ending(endings) if endings else RoundEnd.UNAVAILABLE
        return None if ending is RoundEnd.CALLS else ENDS[ending]

    async def _ask(self, turn: TurnPlan, round: int, model: str) -> RoundEnd:
        """Ask one model, and again if that may help. Raises ActivityError."""
        for tries_left in reversed(range(TRIES_PER_MODEL)):
            say = Say(turn.turn_id, turn.attempt, round, model, is_asked_again=tries_left > 0)
            ending = await run_activity(ModelCallActivities.say, say, MODEL, give_up_at=self._give_up_at)
            if ending is not RoundEnd.UNAVAILABLE:
                break
        return ending

    async def _run_calls(self, turn: TurnPlan, round: int) -> TurnEnd | None:
        """Run the calls that a round asks for, one after the other. Return how that ends the turn; None if another
        round may follow.
        """
        prepare = PrepareCalls(turn.turn_id, turn.attempt, round)
        prepared = await run_inline_activity(TurnCallActivities.prepare, prepare, STORE)
        for call in prepared.calls:
            if call.expires_at and not self._is_late():
                await self._wait_for_decision(turn, call, call.expires_at)
            start = StartCall(turn.turn_id, call.call_id, is_late=self._is_late())
            if await run_inline_activity(TurnCallActivities.start, start, STORE):
                await self._run_call(turn, call)
        if self._is_late():
            return TIMED_OUT
        return TOO_MANY_CALLS if prepared.is_over_limit else None

    async def _run_call(self, turn: TurnPlan, call: PreparedCall) -> None:
        """Run a call until it has its result. One that may run twice ends with the time of the turn, or by a stop."""
        input = ToolCallInput(call.call_key, call.attempts, call.timeout_seconds)
        if not call.is_idempotent:
            await run_tool(input)
            return
        running = asyncio.create_task(run_tool(input, give_up_at=self._give_up_at))
        while await self._is_woken_during(running):
            if await run_inline_activity(TurnActivities.is_to_stop, turn.turn_id, STORE):
                await cut_off(running, call.call_key)
                return
        await running

    async def _is_woken_during(self, running: "asyncio.Task[None]") -> bool:
        """Wait for a signal. Returns False if the call has its result before."""
        await workflow.wait_condition(lambda: self._is_woken or running.done())
        if running.done() or not workflow.patched(ENDS_CALLS):
            return False
        self._is_woken = False
        return True

    def _is_late(self) -> bool:
        """Whether the time of the turn is over."""
        return workflow.now() >= self._give_up_at and workflow.patched(ENDS_CALLS)

    async def _wait_for_decision(self, turn: TurnPlan, call: PreparedCall, expires_at: datetime) -> None:
        """Wait until the user has decided, or can no longer. That time does not count for the turn."""
        began_at, is_late = workflow.now(), False
        while await run_inline_activity(
            TurnCallActivities.look, LookAtCall(turn.turn_id, call.call_id, is_late), STORE
        ):
            is_late = not await self._is_woken_before(expires_at)
        self._give_up_at += workflow.now() - began_at

    async def _is_woken_before(self, deadline: datetime) -> bool:
        """Wait for a signal. Returns False if none comes in time."""
        try:
            await workflow.wait_condition(lambda: self._is_woken, timeout=max(deadline - workflow.now(), ONE_TASK))
        except TimeoutError:
            return False
        self._is_woken = False
        return True


async def start_or_wake_turns(input: TurnsInput) -> None:
    """Wake the chat's entity, or start it. Idempotent."""
    await start_or_signal(
        Turns.run,
        input,
        workflow_id=turns_workflow_id(input.chat_key),
        queue=Queue.ASSISTANT,
        summary=SUMMARY,
        signals=[Turns.turns_changed],
    )
