"""A client of Decode. `DecodeClient` has every operation of the contract; the rest is what it raises and answers."""

from decode_client.chat import Chat
from decode_client.chat_frames import (
    ApprovalClosed,
    ApprovalRequested,
    CallEvent,
    SessionInfo,
    ToolResult,
    ToolStarted,
)
from decode_client.client import DecodeClient
from decode_client.errors import DecodeError, FlowEnded
from decode_client.generated import answers, requests
from decode_client.generated.version import VERSION as __version__
from decode_client.turn import TextReset, Turn, TurnEnd

__all__ = [
    "ApprovalClosed",
    "ApprovalRequested",
    "CallEvent",
    "Chat",
    "DecodeClient",
    "DecodeError",
    "FlowEnded",
    "SessionInfo",
    "TextReset",
    "ToolResult",
    "ToolStarted",
    "Turn",
    "TurnEnd",
    "__version__",
    "answers",
    "requests",
]
