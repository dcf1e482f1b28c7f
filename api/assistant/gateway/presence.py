"""Who is in a chat, over all processes. When the last socket has left, the chat's grace may begin."""

from datetime import UTC, datetime

from adapters.mongo.assistant.chats import ChatStore
from adapters.redis.presence import Presence
from api.http.outages import none_if_unavailable

NO_LIMIT = 1_000_000


class ChatPresence:
    """Counts the sockets of chats. While Redis is away nothing is counted: a chat then lives on without sockets."""

    def __init__(self, chats: ChatStore, sockets: Presence) -> None:
        self._chats = chats
        self._sockets = sockets

    async def enter(self, chat_id: str, socket_id: str) -> None:
        """Count a socket, and let the chat live on."""
        now = datetime.now(UTC)
        await none_if_unavailable(self._sockets.add_socket(chat_id, socket_id, now, max_sockets=NO_LIMIT))
        await self._chats.connect(chat_id, now)

    async def leave(self, chat_id: str, socket_id: str) -> None:
        """Count a socket no longer; if it was the last, the chat's grace begins once no turn is open."""
        await self._sockets.remove_socket(chat_id, socket_id)
        if not await self._sockets.is_online(chat_id, datetime.now(UTC)):
            await self._chats.disconnect(chat_id, datetime.now(UTC))
            # Another may have come between the two.
            if await self._sockets.is_online(chat_id, datetime.now(UTC)):
                await self._chats.connect(chat_id, datetime.now(UTC))
