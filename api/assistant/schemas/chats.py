"""Chats as their users see them."""

import json
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from api.schemas.envelope import Body, View
from api.schemas.fields import Text, Timestamp, worded
from api.schemas.paging import Meta
from domain.assistant.chats import (
    MAX_METADATA_BYTES,
    MAX_METADATA_DEPTH,
    MAX_TITLE_LENGTH,
    Chat,
    ChatChange,
    ChatStatus,
    EndReason,
)
from domain.assistant.tools.checks import is_deeper
from domain.assistant.tools.definitions.all_tools import REGISTRY
from domain.assistant.tools.registry import MAX_NAME_LENGTH

MAX_TOOLS = 100


def _tool(name: str) -> str:
    if REGISTRY.find(name) is None:
        raise ValueError("there is no such tool")
    return name


def _unique(names: list[str]) -> list[str]:
    return sorted(set(names))


def _metadata(value: dict[str, Any]) -> dict[str, Any]:
    if is_deeper(value, MAX_METADATA_DEPTH):
        raise ValueError(f"this is nested more than {MAX_METADATA_DEPTH} deep")
    try:
        size = len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    except UnicodeEncodeError:
        raise ValueError("half a character is no text") from None
    except ValueError:
        raise ValueError("NaN and infinite numbers are no JSON") from None
    if size > MAX_METADATA_BYTES:
        raise ValueError(f"this has more than {MAX_METADATA_BYTES} bytes")
    return value


def _title(text: str) -> str:
    return worded(text) if text else text


ModelName = Annotated[str, StringConstraints(min_length=1, max_length=60)]
ToolName = Annotated[str, StringConstraints(max_length=MAX_NAME_LENGTH), AfterValidator(_tool)]
ToolNames = Annotated[list[ToolName], Field(max_length=MAX_TOOLS), AfterValidator(_unique)]
Metadata = Annotated[dict[str, Any], AfterValidator(_metadata)]
Title = Annotated[Text, StringConstraints(max_length=MAX_TITLE_LENGTH), AfterValidator(_title)]


class CreateChatRequest(Body):
    """`model`: the one that answers in this chat, and no other. `tools`: those that the assistant may use in it; all
    without it. `metadata`: at most 4096 bytes of JSON, nested at most 32 deep.
    """

    model: ModelName | None = None
    tools: ToolNames | None = None
    metadata: Metadata = Field(default_factory=dict)


class ChangeChatRequest(Body):
    """What is left out stays as it is. An empty title takes it away."""

    title: Title | None = None
    tools: ToolNames | None = None

    @property
    def change(self) -> ChatChange:
        """What is to be changed."""
        return ChatChange(title=self.title, tools=self.tools)


class ChatView(View):
    chat_id: str
    status: ChatStatus
    ended_reason: EndReason | None
    title: str | None
    model: str | None
    tools: list[str] | None
    metadata: dict[str, Any]
    message_count: int
    open_turns: int
    created_at: Timestamp = Field(serialization_alias="createdAt")
    last_activity_at: Timestamp
    expires_at: Timestamp

    @classmethod
    def of(cls, chat: Chat, now: datetime) -> "ChatView":
        return cls(
            chat_id=chat.chat_id,
            status=chat.status(now),
            ended_reason=chat.end_reason(now),
            title=chat.title,
            model=chat.model,
            tools=list(chat.tools) if chat.tools is not None else None,
            metadata=dict(chat.metadata),
            message_count=chat.message_count,
            open_turns=chat.open_turns,
            created_at=chat.created_at,
            last_activity_at=chat.last_activity_at,
            expires_at=chat.expires_at,
        )


class ChatPage(View):
    chats: list[ChatView]
    meta: Meta
