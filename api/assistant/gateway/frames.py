"""The frames of the assistant: its events, as clients get them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from api.assistant.schemas.tools import ToolCallView, ToolList, ToolResultView, ToolView
from api.assistant.schemas.turns import History
from api.sockets.frames import build_frame
from domain.assistant.chats import Chat, EndReason
from domain.assistant.history import HistoryPage
from domain.assistant.telling import (
    ApprovalClosed,
    ApprovalRequested,
    CallEvent,
    Chunk,
    Ended,
    Reset,
    Started,
    ToolEnded,
    ToolStarted,
    TurnEvent,
    end_of,
)
from domain.assistant.tools.definitions.all_tools import summary_of
from domain.assistant.turn_ends import TurnState
from domain.assistant.turns import AcceptedTurn, Turn
from domain.error_codes import error_named
from domain.errors import DecodeError
from domain.moments import format_timestamp
from domain.rate_limits import LimitDecision

RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED"
CALL_EVENTS: Mapping[type[CallEvent], str] = {
    ApprovalRequested: "approval_requested",
    ApprovalClosed: "approval_closed",
    ToolStarted: "tool_started",
    ToolEnded: "tool_result",
}


def connected_frame(user_id: str, socket_id: str, chat_id: str) -> bytes:
    """Return the first frame of a socket."""
    return build_frame("connected", {"clientId": socket_id, "sessionId": chat_id}, user_id)


def created_frame(chat: Chat) -> bytes:
    """Return the frame of a chat that begins with its socket."""
    data = {"sessionId": chat.chat_id, "expiresAt": format_timestamp(chat.expires_at)}
    return build_frame("session_created", data, chat.user_id)


def restored_frame(chat: Chat, open_turns: Sequence[Turn]) -> bytes:
    """Return the frame of a chat that goes on with another socket."""
    data = {
        "sessionId": chat.chat_id,
        "expiresAt": format_timestamp(chat.expires_at),
        "messageCount": chat.message_count,
        "openTurns": _open_turns(open_turns),
    }
    return build_frame("session_restored", data, chat.user_id)


def ended_frame(user_id: str, chat_id: str, reason: EndReason) -> bytes:
    """Return the frame of a chat that has ended, by itself or by what was done to it."""
    by_itself = reason in (EndReason.IDLE, EndReason.GRACE)
    event = "session_expired" if by_itself else "session_destroyed"
    return build_frame(event, {"sessionId": chat_id, "reason": reason}, user_id)


def info_frame(chat: Chat, open_turns: Sequence[Turn], now: datetime) -> bytes:
    """Return the frame that says how a chat is."""
    data = {
        "sessionId": chat.chat_id,
        "status": chat.status(now),
        "createdAt": format_timestamp(chat.created_at),
        "lastActivityAt": format_timestamp(chat.last_activity_at),
        "expiresAt": format_timestamp(chat.expires_at),
        "messageCount": chat.message_count,
        "openTurns": _open_turns(open_turns),
    }
    if chat.disconnected_at:
        data["disconnectedAt"] = format_timestamp(chat.disconnected_at)
    return build_frame("session_info", data, chat.user_id)


def accepted_frame(accepted: AcceptedTurn) -> bytes:
    """Return the frame of a message that is stored."""
    turn = accepted.turn
    data = {"turn_id": turn.turn_id, "seq": turn.seq, "ahead": accepted.ahead}
    return build_frame("message_accepted", data, turn.user_id)


def history_frame(page: HistoryPage, user_id: str) -> bytes:
    """Return the frame of a page of the history."""
    return build_frame("conversation_history", History.of(page).model_dump(mode="json"), user_id)


def limit_frame(decision: LimitDecision, user_id: str, now: datetime) -> bytes:
    """Return the frame of a message that was not accepted because there were too many."""
    data = {
        "code": RATE_LIMIT_EXCEEDED,
        "message": "Too many at once. Please wait.",
        "remaining": decision.remaining,
        "resetAt": format_timestamp(datetime.fromtimestamp(now.timestamp() + decision.retry_after, UTC)),
        "retryAfter": decision.retry_after,
    }
    return build_frame("rate_limit", data, user_id)


def turn_frame(event: TurnEvent, turn: Turn) -> bytes:
    """Return the frame of what a client is told of a turn."""
    match event:
        case Started():
            data = {"turn_id": turn.turn_id, "attempt": turn.attempt, "model": turn.model, "timestamp": _now()}
            return build_frame("stream_start", data, turn.user_id)
        case Chunk():
            return build_frame("stream_chunk", _chunk(event, turn), turn.user_id)
        case Reset():
            data = {"turn_id": turn.turn_id, "part": event.part, "offset": 0, "attempt": turn.attempt}
            return build_frame("stream_reset", data, turn.user_id)
        case Ended():
            return _end_frame(event, turn)
        case ApprovalRequested() | ApprovalClosed() | ToolStarted() | ToolEnded():
            return build_frame(CALL_EVENTS[type(event)], _call_data(event, turn), turn.user_id)


def _call_data(event: CallEvent, turn: Turn) -> Mapping[str, Any]:
    call = event.call
    data = {
        "turn_id": turn.turn_id,
        "part": event.part,
        "callId": call.call_id,
        "toolName": call.tool,
        "arguments": call.arguments,
    }
    match event:
        case ApprovalRequested():
            return data | {"summary": summary_of(call), "expires_at": _written(call.expires_at)}
        case ApprovalClosed():
            return data | {"decision": call.decision}
        case ToolEnded() if call.result:
            return data | {"result": _result(ToolResultView.of(call.result, call.execution_ms)), "timestamp": _now()}
    return data


def result_frame(call: ToolCallView, user_id: str) -> bytes:
    """Return the frame of the result of a call that a client has made itself."""
    result = _result(call.result) if call.result else None
    data = {"callId": call.call_id, "toolName": call.tool, "result": result, "timestamp": _now()}
    return build_frame("tool_result", data, user_id)


def refused_call_frame(error: DecodeError, call_id: str | None, user_id: str) -> bytes:
    """Return the frame of a call that a client has made and that has no result. It comes amid the answers to what was
    asked later, so it names the call if the client has.
    """
    about = {"callId": call_id} if call_id else {}
    return build_frame("error", {"error": type(error).__name__, "message": error.message, **about}, user_id)


def tools_frame(tools: ToolList, user_id: str) -> bytes:
    """Return the frame of a list of tools."""
    return build_frame("tools_list", tools.model_dump(mode="json"), user_id)


def tool_frame(tool: ToolView, user_id: str) -> bytes:
    """Return the frame of one tool."""
    return build_frame("tool_info", tool.model_dump(mode="json"), user_id)


def _result(result: ToolResultView) -> Mapping[str, Any]:
    data = result.model_dump(mode="json")
    return {"executionTimeMs": data.pop("execution_ms"), **data}


def _chunk(chunk: Chunk, turn: Turn) -> Mapping[str, Any]:
    return {
        "turn_id": turn.turn_id,
        "part": chunk.part,
        "offset": chunk.offset,
        "next_offset": chunk.next_offset,
        "content": chunk.content,
        "done": False,
        "chunkCount": chunk.count,
    }


def _end_frame(event: Ended, turn: Turn) -> bytes:
    if turn.failure:
        error = {"error": turn.failure, "message": error_named(turn.failure).message, "turn_id": turn.turn_id}
        return build_frame("error", error, turn.user_id)
    if not event.is_streamed and turn.state is TurnState.COMPLETED:
        response = {"turn_id": turn.turn_id, "text": turn.answer, "timestamp": _now()}
        return build_frame("assistant_response", response, turn.user_id)
    data = {
        "turn_id": turn.turn_id,
        "state": turn.state,
        "model": turn.model,
        "finish_reason": turn.finish_reason,
        "fullResponse": turn.answer,
        "usage": {
            "prompt_tokens": turn.usage.prompt_tokens,
            "completion_tokens": turn.usage.completion_tokens,
            "is_estimated": turn.usage.is_estimated,
        },
        "timestamp": _now(),
    }
    return build_frame("stream_end", data, turn.user_id)


def _open_turns(turns: Sequence[Turn]) -> list[Mapping[str, Any]]:
    return [
        {
            "turn_id": turn.turn_id,
            "state": turn.state,
            "attempt": turn.attempt,
            "part": end_of(turn).part,
            "offset": end_of(turn).offset,
        }
        for turn in turns
    ]


def _written(moment: datetime | None) -> str | None:
    return format_timestamp(moment) if moment else None


def _now() -> str:
    return format_timestamp(datetime.now(UTC))
