"""The entity of one chat with a turn whose model asks for tools, on a server whose clock skips."""

from temporalio.client import Client, WorkflowHandle

from activities.assistant.tool_calls import RunToolCall
from activities.assistant.turn_calls import PreparedCall, StartCall
from activities.assistant.turns import FinishTurn, TurnPlan, TurnsInput
from domain.assistant.turn_ends import ENDS, RoundEnd
from tests.workflows.fakes.all import Fakes
from workflows.assistant.turns import Turns, turns_workflow_id
from workflows.queues import Queue

CHAT = TurnsInput(chat_id="cc" * 12, chat_key="a-chats-key")
TURN, NEXT = (TurnPlan(f"{number}a" * 12, CHAT.chat_id, attempt=1, models=["mock"]) for number in (1, 2))
READ, OTHER_READ = (PreparedCall(letter * 24, f"call-{letter}", attempts=3, timeout_seconds=30) for letter in "bc")
CHANGE = PreparedCall("d" * 24, "call-d", attempts=1, timeout_seconds=30)
DONE = FinishTurn(TURN.turn_id, TURN.attempt, ENDS[RoundEnd.DONE])

TurnsRun = WorkflowHandle[Turns, None]


async def start(client: Client, fakes: Fakes) -> TurnsRun:
    """Wake the entity of a chat with one open turn."""
    fakes.turns.open(TURN)
    workflow_id = turns_workflow_id(CHAT.chat_key)
    return await client.start_workflow(
        Turns.run, CHAT, id=workflow_id, task_queue=Queue.ASSISTANT, start_signal="woken"
    )


def started(*calls: PreparedCall) -> list[StartCall]:
    return [StartCall(TURN.turn_id, call.call_id) for call in calls]


def ran(*calls: PreparedCall) -> list[RunToolCall]:
    return [RunToolCall(call.call_key) for call in calls]
