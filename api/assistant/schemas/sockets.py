"""What a client says on a socket of the assistant, event by event; docs/asyncapi.yaml says the same to machines."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from api.assistant.schemas.tools import CallId
from api.assistant.schemas.turns import MAX_OFFSET, MessageText
from api.schemas.fields import ObjectId, Unicode
from api.sockets.messages import SHARED_EVENTS, Authenticate, SocketData
from domain.assistant.history import MAX_HISTORY
from domain.assistant.tool_calls import Decision
from domain.assistant.tools.registry import ToolCategory
from domain.assistant.turns import TurnMode

MessageId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{8,128}$")]
Offset = Annotated[int, Field(ge=0, le=MAX_OFFSET)]


class AuthenticateForChat(Authenticate):
    chat_id: ObjectId | None = None


class UserMessage(SocketData):
    """`mode`: as over HTTP. `interrupt`: the answer under way is stopped, and those that wait end `stopped`."""

    text: MessageText
    message_id: MessageId | None = None
    mode: TurnMode = Field(TurnMode.QUEUE, strict=False)


class StreamedUserMessage(UserMessage):
    """Its answer comes in chunks."""


class Resume(SocketData):
    """`attempt`: the one in which the position is."""

    turn_id: ObjectId
    attempt: Annotated[int, Field(ge=1, le=MAX_OFFSET)] = 1
    part: Offset = 0
    offset: Offset = 0


class StopTurn(SocketData):
    turn_id: ObjectId


class RetryTurn(SocketData):
    turn_id: ObjectId


class GetHistory(SocketData):
    before: Annotated[int, Field(ge=1, le=MAX_OFFSET)] | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_HISTORY)] = MAX_HISTORY


class GetSessionInfo(SocketData):
    """Asks for `session_info`."""


class AnswerApproval(SocketData):
    call_id: CallId
    decision: Decision = Field(strict=False)


class ListTools(SocketData):
    category: ToolCategory | None = Field(None, strict=False)
    include_deprecated: bool = Field(False, alias="includeDeprecated")


class GetToolInfo(SocketData):
    tool_name: Unicode = Field(alias="toolName")


class CallTool(SocketData):
    tool_name: Unicode = Field(alias="toolName")
    parameters: dict[str, Any] = Field(default_factory=dict)
    call_id: CallId | None = Field(None, alias="callId")


EVENTS: Mapping[str, type[SocketData]] = {
    **SHARED_EVENTS,
    "authenticate": AuthenticateForChat,
    "user_message": UserMessage,
    "user_message_stream": StreamedUserMessage,
    "resume": Resume,
    "stop_turn": StopTurn,
    "retry_turn": RetryTurn,
    "answer_approval": AnswerApproval,
    "list_tools": ListTools,
    "get_tool_info": GetToolInfo,
    "call_tool": CallTool,
    "get_history": GetHistory,
    "get_session_info": GetSessionInfo,
}
