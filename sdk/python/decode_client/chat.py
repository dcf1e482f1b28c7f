"""A chat with the assistant that is kept up over lost connections."""

import secrets
from collections.abc import AsyncGenerator
from typing import Any, Literal

from decode_client.chat_frames import SessionInfo, read_result
from decode_client.conversation import Conversation
from decode_client.generated.answers import History, ToolList, ToolResultView, ToolView
from decode_client.generated.requests import Decision, TurnMode
from decode_client.turn import Turn
from decode_client.turn_feed import TurnFeed

Category = Literal["read", "change", "utility"]


class Chat:
    """A chat that is open. What is asked while the connection is away is asked again on the next one.

    All methods raise DecodeError: for what was refused, by the API's name, and for all that comes after the end of the
    chat (ChatExpired, ChatNotFound) or of the session.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._ask = conversation.ask

    @property
    def chat_id(self) -> str:
        """The id of the chat, with which it goes on another time."""
        return self._conversation.chat_id

    async def say(self, text: str, *, mode: TurnMode = "queue", message_id: str | None = None) -> Turn:
        """Say something, and return its turn once it is accepted. The same `message_id` is the same turn.

        `mode`: what happens while another message is answered. Raises DecodeError, RateLimited among others.
        """
        data = {"text": text, "mode": mode, "message_id": message_id or secrets.token_hex(16)}
        return await self._ask(
            "user_message_stream",
            data,
            "message_accepted",
            lambda data: self._conversation.turn(data["turn_id"], text),
            is_repeated=bool(message_id),
        )

    async def stop(self, turn_id: str) -> None:
        """End an answer; what was said stays. Raises DecodeError, TurnClosed if it is over."""
        await self._ask("stop_turn", {"turn_id": turn_id}, "pong", _nothing)

    async def retry(self, turn_id: str) -> Turn:
        """Have a message answered anew whose answer has failed or was stopped. Raises DecodeError."""
        await self._ask("retry_turn", {"turn_id": turn_id}, "pong", _nothing)
        return await self._conversation.resume(turn_id)

    async def resume(self, turn_id: str) -> Turn:
        """Return a turn of the chat, over or not, from its beginning. It fails with TurnNotFound if there is none."""
        return await self._conversation.resume(turn_id)

    def turns(self, *, after: int | None = None) -> AsyncGenerator[Turn, None]:
        """Yield the turns of the chat, those that are open first, then each that begins, here or on another device, or
        is answered anew. It ends when the chat is left.

        `after`: the number of a message; also each turn whose message has a higher one comes, from its beginning, and
        without it each since the chat was opened. Raises DecodeError.
        """
        return TurnFeed(self._conversation, self.history, after).turns()

    async def answer_approval(self, call_id: str, decision: Decision) -> None:
        """Let a call of a tool run this time, or in this chat from now on, or decline it. It is decided once, on any
        device: what counts is in the turn's `ApprovalClosed`. Raises DecodeError, ApprovalClosed if it waits no longer.
        """
        await self._ask("answer_approval", {"call_id": call_id, "decision": decision}, "pong", _nothing)

    async def history(self, *, before: int | None = None, limit: int = 100) -> History:
        """Return messages of the chat, the newest, or those with a lower number than `before`. Raises DecodeError."""
        asked = {"limit": limit} | ({"before": before} if before else {})
        return await self._ask("get_history", asked, "conversation_history", History.model_validate)

    async def get_session_info(self) -> SessionInfo:
        """Return how the chat is, and until when it is open. Raises DecodeError."""
        return await self._ask("get_session_info", {}, "session_info", SessionInfo.model_validate)

    async def list_tools(self, *, category: Category | None = None, include_deprecated: bool = False) -> list[ToolView]:
        """Return the tools by name, those of one category or all. Raises DecodeError."""
        asked = {"includeDeprecated": include_deprecated} | ({"category": category} if category else {})
        return await self._ask("list_tools", asked, "tools_list", lambda data: ToolList.model_validate(data).tools)

    async def get_tool_info(self, tool_name: str) -> ToolView:
        """Return one tool. Raises DecodeError, ToolNotFound among others."""
        return await self._ask("get_tool_info", {"toolName": tool_name}, "tool_info", ToolView.model_validate)

    async def call_tool(
        self, tool_name: str, parameters: dict[str, Any] | None = None, *, call_id: str | None = None
    ) -> ToolResultView:
        """Call a tool as oneself, and return its result, which may be a failure. The same `call_id` is one call.

        Raises DecodeError for a call that was not made, RateLimited among others.
        """
        data = {"toolName": tool_name, "parameters": parameters or {}, "callId": call_id or secrets.token_hex(16)}
        return await self._ask("call_tool", data, "tool_result", lambda data: read_result(data["result"]))


def _nothing(data: dict[str, Any]) -> None:
    """What is answered has no result."""
