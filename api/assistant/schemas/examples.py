"""Examples of the assistant's requests and answers."""

from api.assistant.schemas.approvals import Approvals, DecisionRequest, TurnCallView
from api.assistant.schemas.chats import (
    ChangeChatRequest,
    ChatPage,
    ChatView,
    CreateChatRequest,
)
from api.assistant.schemas.consent import Consent
from api.assistant.schemas.models import ModelList
from api.assistant.schemas.tools import ToolCallRequest, ToolCallView, ToolList, ToolView
from api.assistant.schemas.turns import History, SendMessageRequest, SentMessage, TurnView
from api.assistant.schemas.usage import UsageReport
from api.schemas.examples import LATER, META, NOW, Examples

CHAT_ID = "65e1a0c4f1d2b3a4c5d6e801"
TURN_ID = "65e1a0c4f1d2b3a4c5d6e802"

CHAT = {
    "chat_id": CHAT_ID,
    "status": "active",
    "ended_reason": None,
    "title": "Plans for the weekend",
    "model": None,
    "tools": None,
    "metadata": {"page": "profile"},
    "message_count": 2,
    "open_turns": 0,
    "createdAt": NOW,
    "last_activity_at": NOW,
    "expires_at": LATER,
}
PART = {
    "part": 0,
    "kind": "text",
    "offset": 0,
    "next_offset": 32,
    "content": "Hello! How can I help you today?",
    "is_whole": True,
    "is_dropped": False,
    "call": None,
}
USAGE = {
    "from": "2026-02-01",
    "to": "2026-03-01",
    "days": [
        {
            "day": "2026-03-01",
            "model": "gpt",
            "turns": 12,
            "prompt_tokens": 9120,
            "completion_tokens": 2210,
            "cached_tokens": 0,
            "cost": 0.0067,
        }
    ],
}
TURN = {
    "turn_id": TURN_ID,
    "chat_id": CHAT_ID,
    "seq": 1,
    "state": "completed",
    "attempt": 1,
    "parts": [PART],
    "model": "mock",
    "finish_reason": "stop",
    "failure": None,
    "usage": {"prompt_tokens": 1, "completion_tokens": 7, "is_estimated": True},
    "asked_at": NOW,
    "ended_at": NOW,
}
CALL = {
    "call_id": f"{TURN_ID}.1.0.0",
    "turn_id": TURN_ID,
    "chat_id": CHAT_ID,
    "tool": "follow_user",
    "arguments": {"username": "bob"},
    "state": "waiting",
    "summary": "Follow @bob.",
    "decision": None,
    "expires_at": LATER,
    "result": None,
}
MESSAGES = [
    {"seq": 1, "role": "user", "content": "hello", "timestamp": NOW, "turn_id": TURN_ID, "state": "completed"},
    {
        "seq": 2,
        "role": "assistant",
        "content": PART["content"],
        "timestamp": NOW,
        "turn_id": TURN_ID,
        "state": "completed",
    },
]

TOOL = {
    "name": "calculator",
    "description": "Compute with decimal numbers.",
    "parameters": {
        "type": "object",
        "properties": {"expression": {"type": "string", "minLength": 1, "maxLength": 200}},
        "required": ["expression"],
        "additionalProperties": False,
    },
    "category": "utility",
    "version": "1.0.0",
    "is_deprecated": False,
    "scope": None,
    "changes": False,
    "timeout_seconds": 30.0,
}
CALL_ID = "call-2026-03-01-1"

EXAMPLES: Examples = {
    CreateChatRequest: {"tools": ["calculator", "search_users"], "metadata": {"page": "profile"}},
    ChangeChatRequest: {"title": "Plans for the weekend", "tools": ["calculator"]},
    ChatView: CHAT,
    ChatPage: {"chats": [CHAT], "meta": META},
    ModelList: {"models": [{"name": "mock", "can_call_tools": True, "context_tokens": 131072}], "default": "mock"},
    UsageReport: USAGE,
    SendMessageRequest: {"text": "hello", "mode": "queue"},
    SentMessage: {"turn": TURN, "ahead": 0},
    TurnView: TURN,
    Consent: {"given_at": NOW},
    DecisionRequest: {"decision": "once"},
    TurnCallView: CALL | {"state": "approved", "decision": "once"},
    Approvals: {"approvals": [CALL]},
    History: {"messages": MESSAGES, "next_before": None},
    ToolCallRequest: {"parameters": {"expression": "0.1 + 0.2"}, "call_id": CALL_ID},
    ToolCallView: {
        "call_id": CALL_ID,
        "tool": "calculator",
        "state": "done",
        "result": {"success": True, "data": {"result": "0.3"}, "error": None, "execution_ms": 1},
    },
    ToolList: {"tools": [TOOL], "count": 1},
    ToolView: TOOL,
}
