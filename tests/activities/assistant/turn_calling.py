"""A model that asks for tools in a turn, and what a worker does with its calls, on the real stores."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.testing import ActivityEnvironment

from activities.assistant.tool_calls import RunToolCall, ToolCallActivities
from activities.assistant.turn_calls import (
    LookAtCall,
    PrepareCalls,
    PreparedRound,
    StartCall,
    TurnCallActivities,
)
from domain.assistant.chats import Chat
from domain.assistant.language_models import CallAsked
from domain.assistant.tool_calls import Decision, ToolCall
from domain.assistant.turns import Turn
from tests.support.talks import Talks


def call_of(tool: str, **arguments: object) -> CallAsked:
    """What a model utters to call a tool."""
    return CallAsked(tool, json.dumps(arguments))


@dataclass(frozen=True)
class TurnCalling:
    """`session_id`: in which the user decides."""

    environment: ActivityEnvironment
    talks: Talks
    turn_calls: TurnCallActivities
    tool_calls: ToolCallActivities
    session_id: str

    async def ask(self, *asked: CallAsked, chat: Chat | None = None) -> Sequence[ToolCall]:
        """Have a model ask for tools in a new turn, of a new chat unless one is given."""
        return await self.talks.call_tools((chat or await self.talks.begin_chat()).chat_id, *asked)

    async def prepare(self, call: ToolCall) -> PreparedRound:
        """Prepare the first round of a call's turn."""
        return await self.environment.run(self.turn_calls.prepare, PrepareCalls(str(call.turn_id), 1, 0))

    async def prepared(self, *asked: CallAsked, chat: Chat | None = None) -> ToolCall:
        """Have a model ask for tools, and return the first call after it was prepared."""
        call = (await self.ask(*asked, chat=chat))[0]
        await self.prepare(call)
        return await self.talks.call(call.call_id)

    async def decide(self, call: ToolCall, decision: Decision = Decision.ONCE) -> None:
        """Have the user decide."""
        await self.talks.resources.assistant.turn_calls.decide(
            self.talks.user_id, call.call_id, decision, self.session_id, self.talks.now
        )

    async def look(self, call: ToolCall, *, is_late: bool = False) -> bool:
        """Look whether a call still waits."""
        return await self.environment.run(self.turn_calls.look, LookAtCall(str(call.turn_id), call.call_id, is_late))

    async def start(self, call: ToolCall, *, is_late: bool = False) -> bool:
        """Let a call begin, if it may."""
        return await self.environment.run(self.turn_calls.start, StartCall(str(call.turn_id), call.call_id, is_late))

    async def carry_out(self, call: ToolCall) -> ToolCall:
        """Do what a worker does with a prepared call whose user decides no more, and return it at its end."""
        await self.look(call, is_late=True)
        if await self.start(call):
            await self.environment.run(self.tool_calls.run, RunToolCall(call.call_key))
        return await self.talks.call(call.call_id)

    async def turn(self, call: ToolCall) -> Turn:
        """Return the turn of a call."""
        return await self.talks.turn(str(call.turn_id))
