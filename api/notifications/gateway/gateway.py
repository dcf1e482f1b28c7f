"""The notification gateway of one process: replays missed notifications to its sockets, and delivers new ones."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from adapters.area_resources import NotificationResources
from adapters.batching import Batches
from adapters.failures import is_unavailable
from adapters.mongo.notifications.inboxes import InboxState
from adapters.redis.notification_publisher import Push, PushKind, user_channel
from adapters.redis.subscriptions import Gap, PubSubEvent
from api.notifications.gateway.client_messages import ClientMessages
from api.notifications.gateway.live_delivery import LiveDelivery
from api.notifications.gateway.periodic_checks import PeriodicChecks
from api.notifications.gateway.read_sync import ReadSync
from api.notifications.gateway.replay import Replays
from api.notifications.gateway.rooms import Room
from api.notifications.gateway.socket import NotificationSocket
from api.notifications.schemas.sockets import EVENTS, AuthenticateAndResume, Resume
from api.sockets.close_codes import CloseCode, SocketClosed
from api.sockets.connection import GatewayConnection
from api.sockets.door import Door
from api.sockets.frames import build_frame
from api.sockets.handshake import AuthenticatedClient
from api.sockets.lifespan import SharedSockets
from api.sockets.message_loop import handle_until_closed
from api.sockets.open_sockets import OpenSockets
from api.sockets.socket_checks import SocketChecks
from domain.users.permissions import Permission

DOOR = Door("/notifications", Permission.NOTIFICATIONS_READ, EVENTS)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NotificationGateway:
    """The open sockets of this process for notifications, and the tasks that serve them."""

    doors = (DOOR,)

    def __init__(self, resources: NotificationResources, shared: SharedSockets) -> None:
        self._inboxes = resources.notifications.inboxes
        self._subscriptions = resources.subscriptions
        self._pushes = resources.notifications.publisher
        self._spawn = shared.tasks.spawn
        self._sockets = OpenSockets(Room)
        self._rooms = self._sockets.users
        self._socket_checks = SocketChecks(
            self._sockets, DOOR, resources.users.presence, resources.auth.sessions, shared.key_sockets, self._spawn
        )
        self._live_delivery = LiveDelivery(self._rooms, self._inboxes)
        self._read_sync = ReadSync(self._rooms, self._inboxes)
        self._replays = Replays(self._rooms, self._inboxes, self._live_delivery)
        self._periodic_checks = PeriodicChecks(self._rooms, self._live_delivery, self._read_sync, self._inboxes)
        self._states = Batches(self._load_states)
        self._client_messages = ClientMessages(
            resources.notifications.notifications,
            self._inboxes,
            shared.limits,
            resume=self._replays.resume,
            broadcast_read=self.broadcast_read,
        )

    @property
    def socket_count(self) -> int:
        """How many sockets are open."""
        return self._sockets.count

    async def run(self) -> None:
        """Run live delivery and the periodic checks until cancelled."""
        await asyncio.gather(self._live_delivery.run(), self._periodic_checks.run(), self._socket_checks.run())

    def handle(self, event: PubSubEvent) -> None:
        """Handle a message from Redis; for a gap in the subscription, look for what lost messages were about."""
        self._socket_checks.handle(event)
        if isinstance(event, Gap):
            self._read_sync.record_gap(event.since)
            self._spawn(self._read_sync.push_missed())
            self._spawn(self._periodic_checks.compare_seqs())
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

    async def serve(self, connection: GatewayConnection, client: AuthenticatedClient) -> None:
        """Serve a client until it closes. Raises SocketClosed, ConnectionClosed, and drivers' errors."""
        socket = NotificationSocket(
            connection,
            secrets.token_hex(12),
            client.user_id,
            client.opened_by,
            client.key_use,
            marks_read=client.may(Permission.NOTIFICATIONS_WRITE),
        )
        after = _resume_position(client)
        del client  # its message would take memory for as long as the socket is open
        room = self._sockets.enter(socket)
        try:
            await self._open(socket, room, after)
            await handle_until_closed(socket, DOOR, self._client_messages.handle)
        finally:
            self._leave(socket)

    async def _open(self, socket: NotificationSocket, room: Room, after: int | None) -> None:
        """Subscribe, then read the inbox, so that nothing stored in between is missed. Then start the replay.

        `after`: the sequence number to resume from. Raises SocketClosed for too many sockets.
        """
        await self._socket_checks.require_place(socket)
        state = await self._states.run(socket.user_id)
        if not room.is_subscribed:
            room.is_subscribed = True
            room.sent_until = max(room.sent_until, state.last_seq)
        self._live_delivery.notify_stored(socket.user_id, state.last_seq)
        facts = {"userId": socket.user_id, "socketId": socket.socket_id, "unread": state.unread}
        socket.push(build_frame("user_connected", facts | {"last_seq": state.last_seq}, socket.user_id))
        if after is not None:
            socket.keeps_count = True
            self._replays.resume(socket, after)
        else:
            self._replays.resume_later(socket, room)

    async def _load_states(self, user_ids: Sequence[str]) -> Sequence[InboxState]:
        """Subscribe to the users that are new to this process, then return the inbox state of each."""
        rooms = {user_id: self._rooms.find(user_id) for user_id in user_ids}
        new = [user_channel(user_id) for user_id, room in rooms.items() if room and not room.is_subscribed]
        if new:
            await self._subscriptions.subscribe(new)
        states = await self._inboxes.find_states(list(rooms))
        return [states[user_id] for user_id in user_ids]

    def _leave(self, socket: NotificationSocket) -> None:
        room = self._sockets.leave(socket)
        self._replays.cancel(socket)
        self._socket_checks.free_place(socket)
        if not room.sockets:
            self._spawn(self._subscriptions.unsubscribe(user_channel(socket.user_id)))


def _resume_position(client: AuthenticatedClient) -> int | None:
    """Return the sequence number in the first message, or else in `?after=`; None if it is missing.

    Raises SocketClosed for what is no number.
    """
    if isinstance(client.message, AuthenticateAndResume) and client.message.after is not None:
        return client.message.after
    values = client.query.get("after", ())
    try:
        return Resume.model_validate({"after": int(values[0])}).after if values else None
    except ValueError:
        raise SocketClosed(CloseCode.INVALID_INPUT) from None
