"""Chats with the assistant, and talking in one over a WebSocket."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from decode_client.calls import Caller
from decode_client.chat import Chat
from decode_client.conversation import Conversation
from decode_client.errors import DecodeError
from decode_client.generated.operations import Chats
from decode_client.session import Session
from decode_client.sockets import Sockets


class LiveChats(Chats):
    """The operations of chats, and `talk`."""

    def __init__(self, caller: Caller, url: str, session: Session) -> None:
        super().__init__(caller)
        self._sockets = Sockets(url, "/assistant", session)

    @asynccontextmanager
    async def talk(self, chat_id: str | None = None) -> AsyncGenerator[Chat, None]:
        """Open a chat that there is, or a new one. It stays when the block ends: talk on with its `chat_id`.

        Raises DecodeError when the chat has ended (ChatExpired; `reopen` opens it again), is none of the user's
        (ChatNotFound), or may not be opened.
        """
        conversation = Conversation(self._sockets, chat_id)
        task = asyncio.create_task(conversation.run())
        try:
            await conversation.begun()
            yield Chat(conversation)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            conversation.end(DecodeError("ChatLeft", "the chat was left", status=0))
