"""What frames of a chat say: of calls of tools in a turn, and of the chat itself. The fields are those of the contract
(docs/asyncapi.yaml).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field
from pydantic.alias_generators import to_camel

from decode_client.generated.answers import ChatStatus, Decision, ToolResultView, TurnState
from decode_client.model import Answer

Json = dict[str, Any]


def read_result(result: Json) -> ToolResultView:
    """Return the result of a call, named as over HTTP."""
    return ToolResultView.model_validate({**result, "execution_ms": result["executionTimeMs"]})


class CallEvent(Answer):
    """What happens to a call of a tool in a turn. `arguments`: as they are used."""

    step: ClassVar[int]
    """The offset in its part behind which a client goes on that knows of it."""
    part: int
    call_id: str = Field(alias="callId")
    tool_name: str = Field(alias="toolName")
    arguments: Json


class ApprovalRequested(CallEvent):
    """The call waits for its user, until `expires_at`. `summary`: what it does, in the words of the API."""

    step = 1
    summary: str
    expires_at: datetime


class ApprovalClosed(CallEvent):
    """It waits no longer. `decision`: None if its time was over, or the turn was stopped."""

    step = 2
    decision: Decision | str | None


class ToolStarted(CallEvent):
    """The tool runs."""

    step = 3


class ToolResult(CallEvent):
    """What came of the call. A failure is a result too."""

    step = 4
    result: Annotated[ToolResultView, BeforeValidator(read_result)]


CALL_EVENTS: Mapping[str, type[CallEvent]] = {
    "approval_requested": ApprovalRequested,
    "approval_closed": ApprovalClosed,
    "tool_started": ToolStarted,
    "tool_result": ToolResult,
}


class OpenTurn(Answer):
    """A turn that is not over. `part`, `offset`: how far it was said."""

    turn_id: str
    state: TurnState | str
    attempt: int
    part: int
    offset: int


class SessionInfo(Answer, alias_generator=to_camel):
    """How a chat is. `session_id`: the chat's id."""

    session_id: str
    status: ChatStatus | str
    created_at: datetime
    last_activity_at: datetime
    expires_at: datetime
    message_count: int
    disconnected_at: datetime | None = None
    open_turns: list[OpenTurn]
