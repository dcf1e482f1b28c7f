"""Turns: one entity per chat, which answers its messages one after the other. It ends when none is open."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, RetryState

from activities.assistant.model_calls import ModelCallActivities, Say
from activities.assistant.turns import FinishTurn, TurnActivities, TurnPlan, TurnsInput
from domain.assistant.language_models import TRIES_PER_MODEL
from domain.assistant.turns import ENDS, TIMED_OUT, TURN_TIMEOUT, UNAVAILABLE, RoundEnd, TurnEnd
from workflows.activity_options import MODEL, STORE
from workflows.background import start_or_signal
from workflows.queues import Queue
from workflows.steps import run_activity, run_inline_activity

SUMMARY = "Answers the messages of one chat"


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
        """Ask the models, one after the other, until one answers, and return how the turn ends."""
        give_up_at = workflow.now() + TURN_TIMEOUT
        for model in [model for model in turn.models for _ in range(TRIES_PER_MODEL)]:
            say = Say(turn.turn_id, turn.attempt, round=0, model=model)
            try:
                ending = await run_activity(ModelCallActivities.say, say, MODEL, give_up_at=give_up_at)
            except ActivityError as error:
                return TIMED_OUT if error.retry_state is RetryState.TIMEOUT else UNAVAILABLE
            if ending is not RoundEnd.UNAVAILABLE:
                return ENDS[ending]
        return UNAVAILABLE


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
