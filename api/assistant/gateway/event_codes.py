"""The envelope in which clients of Socket.IO get what a frame has in `data`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.error_codes import error_named


@dataclass(frozen=True)
class EventCode:
    """What the envelope of an event says of it. `status`: as of HTTP; that of an error is the error's own."""

    code: str
    status: int
    description: str


EVENT_CODES: Mapping[str, EventCode] = {
    "connected": EventCode("MSG_CONNECTED", 200, "Connected"),
    "session_created": EventCode("MSG_SESSION_CREATED", 201, "Chat begun"),
    "session_restored": EventCode("MSG_SESSION_RESTORED", 200, "Chat restored"),
    "session_expired": EventCode("MSG_SESSION_EXPIRED", 200, "Chat expired"),
    "session_destroyed": EventCode("MSG_SESSION_DESTROYED", 200, "Chat ended"),
    "session_info": EventCode("MSG_SESSION_INFO", 200, "State of the chat"),
    "message_accepted": EventCode("MSG_MESSAGE_ACCEPTED", 202, "Message accepted"),
    "stream_start": EventCode("MSG_AI_STREAM_START", 200, "Answer begins"),
    "stream_chunk": EventCode("MSG_AI_STREAM_CHUNK", 200, "More of the answer"),
    "stream_reset": EventCode("MSG_AI_STREAM_RESET", 200, "A part of the answer begins anew"),
    "stream_end": EventCode("MSG_AI_STREAM_END", 200, "Answer ended"),
    "assistant_response": EventCode("MSG_AI_RESPONSE", 200, "Whole answer"),
    "conversation_history": EventCode("MSG_CONVERSATION_HISTORY", 200, "Messages of the chat"),
    "tools_list": EventCode("MSG_TOOLS_LIST", 200, "Tools"),
    "tool_info": EventCode("MSG_TOOL_INFO", 200, "One tool"),
    "tool_started": EventCode("MSG_TOOL_STARTED", 200, "Tool started"),
    "tool_result": EventCode("MSG_TOOL_RESULT", 200, "Result of a tool"),
    "approval_requested": EventCode("MSG_APPROVAL_REQUESTED", 202, "Approval asked for"),
    "approval_closed": EventCode("MSG_APPROVAL_CLOSED", 200, "Approval decided"),
    "pong": EventCode("MSG_PONG", 200, "Pong"),
    "error": EventCode("MSG_ERROR", 500, "Refused or failed"),
}
"""By event. `rate_limit` has none: its data goes without an envelope."""


def envelope(event: str, data: Mapping[str, Any], timestamp: str) -> Mapping[str, Any]:
    """Return what a client gets with an event. `timestamp`: of the frame."""
    row = EVENT_CODES.get(event)
    if row is None:
        return data
    status = error_named(data["error"]).status if event == "error" else row.status
    about = {"code": row.code, "status": status, "description": row.description, "timestamp": timestamp}
    return {"data": data, **about}
