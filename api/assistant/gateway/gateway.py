"""The assistant's gateway of one process: its sockets, each in a chat, and the tasks that serve them."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import TypeAdapter

from adapters.area_resources import AssistantResources
from adapters.redis.subscriptions import Gap, PubSubEvent
from adapters.redis.turn_texts import ChatChanged, TextGrown, TurnChanged, chat_channel
from api.access.role_catalogue import RoleCatalogue
from api.assistant.client_tools import ClientTools
from api.assistant.conversations import Conversations
from api.assistant.gateway import frames
from api.assistant.gateway.chat_socket import ChatSocket
from api.assistant.gateway.client_messages import ClientMessages
from api.assistant.gateway.periodic_checks import PeriodicChecks
from api.assistant.gateway.presence import ChatPresence
from api.assistant.gateway.relay import Relay
from api.assistant.gateway.rooms import ChatRoom
from api.assistant.gateway.socketio import SocketIo
from api.assistant.gateway.tool_messages import ToolMessages
from api.assistant.schemas.sockets import EVENTS, AuthenticateForChat
from api.assistant.turn_waker import TurnWaker
from api.schemas.fields import ObjectId
from api.sockets.close_codes import CloseCode, SocketClosed
from api.sockets.connection import GatewayConnection
from api.sockets.door import Door
from api.sockets.handshake import AuthenticatedClient
from api.sockets.lifespan import SharedSockets
from api.sockets.message_loop import handle_until_closed
from api.sockets.open_sockets import Group, Groups, OpenSockets
from api.sockets.socket_checks import SocketChecks
from domain.assistant.chats import Chat, EndReason, NewChat
from domain.users.permissions import Permission

DOOR = Door("/assistant", Permission.ASSISTANT_READ, EVENTS)
SOCKETIO_DOOR = replace(DOOR, path="/socket.io/", new_spelling=SocketIo)
MAX_SOCKETS_PER_USER = 5
RESUME_WAIT_SECONDS = 1.0
"""Time for the client of a restored chat to say `resume`."""
CHAT_ID: TypeAdapter[str] = TypeAdapter(ObjectId)


class AssistantGateway:
    """The open sockets of this process for chats, and the tasks that serve them."""

    doors = (DOOR, SOCKETIO_DOOR)

    def __init__(
        self, resources: AssistantResources, shared: SharedSockets, roles: RoleCatalogue, waker: TurnWaker
    ) -> None:
        stores = self._stores = resources.assistant
        self._hashes = resources.hashes
        self._waker = waker
        self._subscriptions = resources.subscriptions
        self._spawn = shared.tasks.spawn
        self._sockets: OpenSockets[Group[ChatSocket]] = OpenSockets(Group)
        self._rooms = Groups(ChatRoom)
        self._socket_checks = SocketChecks(
            self._sockets,
            DOOR,
            stores.user_sockets,
            resources.auth.sessions,
            shared.key_sockets,
            self._spawn,
            MAX_SOCKETS_PER_USER,
        )
        self._presence = ChatPresence(stores.chats, stores.chat_sockets)
        self._relay = Relay(self._rooms, stores)
        self._periodic_checks = PeriodicChecks(self._rooms, self._relay, stores, self._subscriptions)
        conversations = self._conversations = Conversations(stores, resources.hashes, waker)
        tools = ToolMessages(ClientTools(resources, roles), conversations, resources.users.users, self._spawn)
        self._client_messages = ClientMessages(self._rooms, self._relay, stores, conversations, shared.limits, tools)

    @property
    def socket_count(self) -> int:
        """How many sockets are open."""
        return self._sockets.count

    async def run(self) -> None:
        """Run the relay and the periodic checks until cancelled."""
        await asyncio.gather(self._relay.run(), self._periodic_checks.run(), self._socket_checks.run())

    def handle(self, event: PubSubEvent) -> None:
        """Handle a message from Redis; for a gap in the subscription, look for what lost messages were about."""
        self._socket_checks.handle(event)
        if isinstance(event, Gap):
            self._spawn(self._periodic_checks.compare_turns())
            self._spawn(self._periodic_checks.compare_chats())
        elif isinstance(event, TextGrown | TurnChanged):
            self._relay.hear(event)
        elif isinstance(event, ChatChanged) and (room := self._rooms.find(event.chat_id)):
            self._spawn(self._periodic_checks.read_chats([room]))

    async def serve(self, connection: GatewayConnection, client: AuthenticatedClient) -> None:
        """Serve a client until it closes. Raises SocketClosed, ConnectionClosed, and drivers' errors."""
        socket = ChatSocket(
            connection,
            secrets.token_hex(12),
            client.user_id,
            client.opened_by,
            client.key_use,
            may_write=client.may(Permission.ASSISTANT_WRITE),
            scopes=client.scopes,
        )
        wanted = _wanted_chat(client)
        del client  # its message would take memory for as long as the socket is open
        self._sockets.enter(socket)
        try:
            await self._socket_checks.require_place(socket)
            await self._serve_chat(socket, wanted)
        finally:
            self._sockets.leave(socket)
            self._socket_checks.free_place(socket)

    async def _serve_chat(self, socket: ChatSocket, wanted: str | None) -> None:
        """Serve a socket in the chat that it asks for, or in a new one."""
        chat, ended = await self._find_chat(socket, wanted)
        is_restored = chat is not None
        chat = chat or await self._create_chat(socket)
        socket.chat_id = chat.chat_id
        room = self._rooms.enter(chat.chat_id, socket)
        try:
            socket.push(frames.connected_frame(socket.user_id, socket.socket_id, chat.chat_id))
            if ended and wanted:
                socket.push(frames.ended_frame(socket.user_id, wanted, ended))
            await self._enter(room, socket, chat, is_restored=is_restored)
            await handle_until_closed(socket, DOOR, self._client_messages.handle)
        finally:
            self._leave(socket)

    async def _enter(self, room: ChatRoom, socket: ChatSocket, chat: Chat, *, is_restored: bool) -> None:
        """Subscribe, then read what is open, so that nothing said in between is missed; then greet."""
        socket.is_entering = True
        await self._presence.enter(chat.chat_id, socket.socket_id)
        if not room.is_loaded:
            await self._subscriptions.subscribe([chat_channel(chat.chat_id)])
        open_turns = await self._conversations.list_open(chat.chat_id)
        room.load(chat, open_turns)
        room.enter_live(socket)
        socket.push(frames.restored_frame(chat, room.open_turns()) if is_restored else frames.created_frame(chat))
        # A client that knows how far it is resumes at once: what is told before that it would get twice.
        socket.connection.loop.call_later(RESUME_WAIT_SECONDS if open_turns else 0, self._relay.admit, socket)

    async def _find_chat(self, socket: ChatSocket, wanted: str | None) -> tuple[Chat | None, EndReason | None]:
        """Return the chat that a client asks for; for one that has ended, or is none of theirs, why it has none."""
        if wanted is None:
            return None, None
        now = datetime.now(UTC)
        chat = await self._stores.chats.find(socket.user_id, wanted, now)
        reason = chat.end_reason(now) if chat else EndReason.DELETED
        return (None, reason) if reason else (chat, None)

    async def _create_chat(self, socket: ChatSocket) -> Chat:
        """Begin a chat. Raises SocketClosed for an API key that may only read."""
        if not socket.may_write:
            raise SocketClosed(CloseCode.FORBIDDEN)
        new = NewChat(self._hashes.new_object_id(), socket.user_id, "", datetime.now(UTC))
        return await self._stores.chats.create(new)

    def _leave(self, socket: ChatSocket) -> None:
        room = self._rooms.leave(socket.chat_id, socket)
        self._spawn(self._presence.leave(socket.chat_id, socket.socket_id))
        if socket.close_code == CloseCode.SESSION_ENDED:
            # What was asked for in that session is to stop.
            self._waker.wake(socket.chat_id)
        if room.sockets:
            room.forget_told()
        else:
            self._spawn(self._subscriptions.unsubscribe(chat_channel(socket.chat_id)))


def _wanted_chat(client: AuthenticatedClient) -> str | None:
    """Return the id of the chat that a client asks for, in its first message or in `?chat_id=`; None without one.

    Raises SocketClosed for what is no id.
    """
    if isinstance(client.message, AuthenticateForChat) and client.message.chat_id:
        return client.message.chat_id
    values: Sequence[str] = client.query.get("chat_id", [])
    try:
        return CHAT_ID.validate_python(values[0]) if values else None
    except ValueError:
        raise SocketClosed(CloseCode.INVALID_INPUT) from None
