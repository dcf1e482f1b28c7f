"""Calls of tools that wait for their user."""

from typing import Any

from pydantic import Field

from api.assistant.schemas.tools import ToolResultView
from api.schemas.envelope import Body, View
from api.schemas.fields import Timestamp
from domain.assistant.tool_calls import Decision, ToolCall, ToolCallState
from domain.assistant.tools.definitions.all_tools import summary_of


class DecisionRequest(Body):
    """`chat`: yes, and from now on in this chat without asking, for as long as this sign-in lasts."""

    decision: Decision = Field(strict=False)


class TurnCallView(View):
    """A call that the assistant asks for. `summary`: what it does, in our words; `arguments`: as they are used.
    `expires_at`: until when it can be approved, null for one that needs no approval.
    """

    call_id: str
    turn_id: str | None
    chat_id: str | None
    tool: str
    arguments: dict[str, Any]
    state: ToolCallState
    summary: str
    decision: Decision | None
    expires_at: Timestamp | None
    result: ToolResultView | None

    @classmethod
    def of(cls, call: ToolCall) -> "TurnCallView":
        return cls(
            call_id=call.call_id,
            turn_id=call.turn_id,
            chat_id=call.chat_id,
            tool=call.tool,
            arguments=dict(call.arguments),
            state=call.state,
            summary=summary_of(call),
            decision=call.decision,
            expires_at=call.expires_at,
            result=ToolResultView.of(call.result, call.execution_ms) if call.result else None,
        )


class Approvals(View):
    approvals: list[TurnCallView]
