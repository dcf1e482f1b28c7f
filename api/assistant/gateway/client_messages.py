"""Handles what a client says on its open socket."""

from datetime import datetime

from adapters.stores.assistant import AssistantStores
from api.access.request_context import current_time
from api.assistant.conversations import Conversations
from api.assistant.gateway import frames
from api.assistant.gateway.chat_socket import ChatSocket, require_right
from api.assistant.gateway.relay import Relay
from api.assistant.gateway.rooms import ChatRoom, Rooms, tell_of
from api.assistant.gateway.tool_messages import ToolMessages
from api.assistant.schemas.sockets import (
    AnswerApproval,
    CallTool,
    GetHistory,
    GetSessionInfo,
    GetToolInfo,
    ListTools,
    Resume,
    RetryTurn,
    StopTurn,
    StreamedUserMessage,
    UserMessage,
)
from api.sockets.messages import SocketData
from api.sockets.socket_limits import SocketLimits
from domain.assistant.chats import Chat
from domain.assistant.errors import ChatGone, ChatNotFound
from domain.assistant.history import history_page, newest_turn_before, turns_of_page
from domain.assistant.positions import Position
from domain.assistant.telling import Told, told_from
from domain.rate_limits import LimitDecision


class ClientMessages:
    """Dispatches the messages of clients."""

    def __init__(
        self,
        rooms: Rooms,
        relay: Relay,
        stores: AssistantStores,
        conversations: Conversations,
        limits: SocketLimits,
        tools: ToolMessages,
    ) -> None:
        self._rooms = rooms
        self._relay = relay
        self._stores = stores
        self._conversations = conversations
        self._limits = limits
        self._tools = tools

    async def handle(self, message: SocketData, socket: ChatSocket) -> None:
        """Handle one message. Raises DecodeError for one that is refused, and drivers' errors."""
        now = current_time()
        require_right(message, socket)
        decision = await self._count(message, socket)
        if decision and not decision.is_allowed:
            socket.answer(frames.limit_frame(decision, socket.user_id, now))
        else:
            await self._dispatch(message, socket, now)

    async def _dispatch(self, message: SocketData, socket: ChatSocket, now: datetime) -> None:
        match message:
            case UserMessage():
                await self._say(message, socket, now)
            case StopTurn():
                await self._conversations.stop(socket.user_id, message.turn_id, now)
            case RetryTurn():
                await self._conversations.retry(socket.user_id, message.turn_id, now, socket.opened_by)
            case Resume():
                await self._resume(message, socket)
            case GetHistory():
                await self._push_history(message, socket, now)
            case GetSessionInfo():
                await self._push_info(socket, now)
            case AnswerApproval() | ListTools() | GetToolInfo() | CallTool():
                await self._tools.handle(message, socket, now)

    async def _count(self, message: SocketData, socket: ChatSocket) -> LimitDecision | None:
        """Count a message by its limit and that of its key; to resume is part of connecting, which was counted."""
        match message:
            case UserMessage():
                return await self._limits.count(socket, self._limits.policies.chat, message.message_id)
            case CallTool():
                return await self._limits.count(socket, self._limits.policies.tools, message.call_id)
            case Resume():
                return None
            case _:
                return await self._limits.count(socket)

    async def _say(self, message: UserMessage, socket: ChatSocket, now: datetime) -> None:
        """Accept a message, and tell the socket of its turn only after that."""
        with self._relay.hold(socket, to=set(socket.told or ())):
            accepted = await self._conversations.say(
                socket.user_id, socket.chat_id, message.text, message.mode, message.message_id, now, socket.opened_by
            )
            socket.answer(frames.accepted_frame(accepted))
            room = self._room_of(socket)
            if accepted.is_new:
                room.put(accepted.turn)
            else:
                room.keep(accepted.turn)
            if accepted.is_new or accepted.turn.turn_id not in (socket.told or {}):
                tell_of(socket, accepted.turn, Told(is_streamed=isinstance(message, StreamedUserMessage)))
        self._relay.look_at(room, [accepted.turn.turn_id])

    async def _resume(self, message: Resume, socket: ChatSocket) -> None:
        """Tell a socket of a turn from a position on; of one that was retried since, anew. Raises TurnNotFound."""
        with self._relay.hold(socket, to=set(socket.told or ()) - {message.turn_id}):
            self._relay.admit(socket)
            turn = await self._conversations.read(socket.user_id, message.turn_id)
            self._room_of(socket).keep(turn)
            tell_of(socket, turn, told_from(turn, message.attempt, Position(message.part, message.offset)))

    async def _push_history(self, message: GetHistory, socket: ChatSocket, now: datetime) -> None:
        if (await self._chat_of(socket, now)).gone_at:
            raise ChatGone
        number = newest_turn_before(message.before) if message.before else None
        turns = await self._stores.turns.list_before(socket.chat_id, number, limit=turns_of_page(message.limit))
        socket.answer(frames.history_frame(history_page(turns, message.before, message.limit), socket.user_id))

    async def _push_info(self, socket: ChatSocket, now: datetime) -> None:
        chat = await self._chat_of(socket, now)
        socket.answer(frames.info_frame(chat, await self._stores.turns.list_open([chat.chat_id]), now))

    async def _chat_of(self, socket: ChatSocket, now: datetime) -> Chat:
        chat = await self._stores.chats.find(socket.user_id, socket.chat_id, now)
        if chat is None:
            raise ChatNotFound
        return chat

    def _room_of(self, socket: ChatSocket) -> ChatRoom:
        """Return the room of a socket. It may have left while its message was handled: then nothing is told."""
        return self._rooms.find(socket.chat_id) or ChatRoom(socket.chat_id)
