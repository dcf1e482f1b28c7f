"""The notification gateway of one process: authenticates sockets, replays missed notifications, delivers new ones."""

import asyncio
import logging
import secrets
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from websockets.exceptions import ConnectionClosed

from adapters.area_resources import NotificationResources
from adapters.batching import Batches
from adapters.failures import is_unavailable
from adapters.mongo.notifications.inboxes import InboxState
from adapters.redis.notification_publisher import Push, PushKind
from adapters.redis.session_invalidations import InvalidationKind, SessionInvalidation
from adapters.redis.subscriptions import Gap, PubSubEvent
from api.http.outages import logged_unless_away, none_if_unavailable
from api.notifications.gateway import frames
from api.notifications.gateway.client_messages import ClientMessages
from api.notifications.gateway.close_codes import REASONS, CloseCode, SocketClosed
from api.notifications.gateway.connection import ConnectionServer, GatewayConnection
from api.notifications.gateway.handshake import AuthenticatedClient, HandshakeAuthenticator
from api.notifications.gateway.key_sockets import KeySockets
from api.notifications.gateway.live_delivery import LiveDelivery
from api.notifications.gateway.periodic_checks import PeriodicChecks
from api.notifications.gateway.read_sync import ReadSync
from api.notifications.gateway.replay import Replays
from api.notifications.gateway.rooms import Room, Rooms
from api.notifications.gateway.socket import Socket

MAX_SOCKETS_PER_USER = 10
LEAVE_TIMEOUT_SECONDS = 2.0
INTERNAL_ERROR = 1011
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

logger = logging.getLogger("decode.sockets")


class Gateway:
    """All open sockets of this process and the tasks that serve them. `server` takes uvicorn's connections."""

    def __init__(
        self, resources: NotificationResources, authenticator: HandshakeAuthenticator, key_sockets: KeySockets
    ) -> None:
        self._inboxes = resources.notifications.inboxes
        self._presence = resources.users.presence
        self._authenticator = authenticator
        self.server = ConnectionServer(self.serve)
        self._subscriptions = resources.notifications.subscriptions
        self._rooms = Rooms()
        self._live_delivery = LiveDelivery(self._rooms, self._inboxes)
        self._read_sync = ReadSync(self._rooms, self._inboxes)
        self._replays = Replays(self._rooms, self._inboxes, self._live_delivery)
        self._pushes = resources.notifications.publisher
        self._periodic_checks = PeriodicChecks(
            self._rooms,
            self._live_delivery,
            self._read_sync,
            resources.auth.sessions,
            key_sockets,
            self._inboxes,
            self._presence,
        )
        self._states = Batches(self._load_states)
        self._client_messages = ClientMessages(
            resources.notifications.notifications,
            self._inboxes,
            resume=self._replays.resume,
            broadcast_read=self.broadcast_read,
        )
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Run live delivery and the periodic checks until cancelled."""
        await asyncio.gather(self._live_delivery.run(), self._periodic_checks.run())

    async def close(self) -> None:
        """Wait up to two seconds for the clean-up of closed sockets. Call after the last socket has closed."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LEAVE_TIMEOUT_SECONDS)

    async def serve(self, connection: GatewayConnection) -> None:
        """Serve one connection from its handshake to its close."""
        try:
            await connection.handshake(server_header=None)
            await self._serve_client(connection)
        except SocketClosed as closed:
            await connection.close(closed.code, closed.reason)
        except ConnectionClosed:
            pass
        except Exception as error:
            if is_unavailable(error):
                await connection.close(CloseCode.TRY_AGAIN, REASONS[CloseCode.TRY_AGAIN])
            else:
                logger.error("a socket failed", exc_info=error)
                await connection.close(INTERNAL_ERROR)

    def handle(self, event: PubSubEvent) -> None:
        """Handle a message from Redis; for a gap in the subscription, look for what lost messages were about."""
        if isinstance(event, Gap):
            self._read_sync.record_gap(event.since)
            self._spawn(self._read_sync.push_missed())
            self._spawn(self._periodic_checks.compare_seqs())
            self._spawn(self._periodic_checks.check_sessions())
        elif isinstance(event, SessionInvalidation):
            self._check_sessions(event.kind, event.target_id)
        elif isinstance(event, Push):
            self._handle_push(event)

    def _handle_push(self, push: Push) -> None:
        if push.kind is PushKind.STORED:
            self._live_delivery.notify_stored(push.user_id, push.number)
        else:
            at = EPOCH + timedelta(milliseconds=push.number)
            self._spawn(self._read_sync.push_read(push.user_id, at))

    async def broadcast_read(self, user_id: str, at: datetime) -> None:
        """Notify all sockets of the user of the notifications that were read at the time `at`.

        While Redis is unavailable those in this process are notified now, the others when it is back.
        """
        try:
            await self._pushes.publish_read(user_id, at)
        except Exception as error:
            if not is_unavailable(error):
                raise
            self._spawn(self._read_sync.push_read(user_id, at))

    async def _serve_client(self, connection: GatewayConnection) -> None:
        client = await self._authenticator.authenticate(connection)
        socket = Socket(
            connection,
            secrets.token_hex(12),
            client.user_id,
            client.opened_by,
            client.key_use,
            marks_read=client.marks_read,
        )
        room = self._rooms.enter(socket)
        try:
            await self._open(socket, room, client)
            await self._client_messages.handle_until_closed(socket)
        finally:
            self._leave(socket)

    async def _open(self, socket: Socket, room: Room, client: AuthenticatedClient) -> None:
        """Subscribe, then read the inbox, so that nothing stored in between is missed. Then start the replay.

        Raises SocketClosed for too many sockets.
        """
        if not await self._has_place(socket, room):
            raise SocketClosed(CloseCode.TOO_MANY)
        state = await self._states.run(socket.user_id)
        if not room.is_subscribed:
            room.is_subscribed = True
            room.sent_until = max(room.sent_until, state.last_seq)
        self._live_delivery.notify_stored(socket.user_id, state.last_seq)
        facts = {"userId": socket.user_id, "socketId": socket.socket_id, "unread": state.unread}
        socket.push(frames.build_frame("user_connected", facts | {"last_seq": state.last_seq}, socket.user_id))
        if client.after is not None:
            socket.keeps_count = True
            self._replays.resume(socket, client.after)
        else:
            self._replays.resume_later(socket, room)

    async def _has_place(self, socket: Socket, room: Room) -> bool:
        """Whether the user may open another socket, counted over all gateways; without Redis, in this process."""
        if len(room.sockets) > MAX_SOCKETS_PER_USER:
            return False
        now = datetime.now(UTC)
        has_place = await none_if_unavailable(
            self._presence.add_socket(socket.user_id, socket.socket_id, now, max_sockets=MAX_SOCKETS_PER_USER)
        )
        return has_place is not False

    async def _load_states(self, user_ids: Sequence[str]) -> Sequence[InboxState]:
        """Subscribe to the users that are new to this process, then return the inbox state of each."""
        rooms = {user_id: self._rooms.find(user_id) for user_id in user_ids}
        new = [user_id for user_id, room in rooms.items() if room and not room.is_subscribed]
        if new:
            await self._subscriptions.subscribe(new)
        states = await self._inboxes.find_states(list(rooms))
        return [states[user_id] for user_id in user_ids]

    def _check_sessions(self, kind: InvalidationKind, target_id: str) -> None:
        """Check the sessions and keys that an invalidation names, if they have sockets in this process."""
        room = self._rooms.find(target_id) if kind is InvalidationKind.USER else None
        held = {socket.opened_by for socket in (room.sockets if room else self._rooms.opened_by(target_id))}
        if held:
            self._spawn(self._periodic_checks.check_sessions(list(held)))

    def _leave(self, socket: Socket) -> None:
        room = self._rooms.leave(socket)
        self._replays.cancel(socket)
        self._spawn(self._presence.remove_socket(socket.user_id, socket.socket_id))
        if not room.sockets:
            self._spawn(self._subscriptions.unsubscribe(socket.user_id))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(_log_errors(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _log_errors(work: Coroutine[Any, Any, None]) -> None:
    with logged_unless_away("the gateway failed at something", to=logger):
        await work
