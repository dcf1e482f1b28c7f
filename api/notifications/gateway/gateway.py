"""The gateway of one process: a person opens a socket, is brought up to date, and is told from then on."""

import asyncio
import logging
import secrets
from collections.abc import Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from adapters.area_resources import NotificationResources
from adapters.mongo.notifications.inboxes import InboxState
from adapters.redis.notification_publisher import Push, Pushed
from adapters.redis.session_invalidations import Hinted
from adapters.redis.subscriptions import Missed, Word
from api.http.outages import is_away, logged_unless_away, tolerated
from api.notifications.gateway import frames
from api.notifications.gateway.batching import Batches
from api.notifications.gateway.client_messages import Conversation
from api.notifications.gateway.close_codes import REASONS, CloseCode, Closed
from api.notifications.gateway.connection import Door, GatewayConnection
from api.notifications.gateway.handshake import Admitted, Entrance
from api.notifications.gateway.live_delivery import Telling
from api.notifications.gateway.periodic_checks import Rounds
from api.notifications.gateway.read_sync import Reading
from api.notifications.gateway.replay import Replays
from api.notifications.gateway.rooms import Room, Rooms
from api.notifications.gateway.socket import Socket

PATH = "/notifications"
MOST_SOCKETS = 10
LEAVE_SECONDS = 2.0
INTERNAL_ERROR = 1011
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

logger = logging.getLogger("decode.sockets")


class Gateway:
    def __init__(self, resources: NotificationResources, entrance: Entrance) -> None:
        self._inboxes = resources.notifications.inboxes
        self._presence = resources.users.presence
        self._entrance = entrance
        self.door = Door(self.serve)
        self._subscriptions = resources.notifications.subscriptions
        self._rooms = Rooms()
        self._telling = Telling(self._rooms, self._inboxes)
        self._reading = Reading(self._rooms, self._inboxes)
        self._replays = Replays(self._rooms, self._inboxes, self._telling)
        self._pushes = resources.notifications.publisher
        self._rounds = Rounds(
            self._rooms, self._telling, self._reading, resources.auth.sessions, self._inboxes, self._presence
        )
        self._states = Batches(self._states_of)
        self._conversation = Conversation(
            resources.notifications.notifications,
            self._inboxes,
            resume=self._replays.resume,
            tell_read=self.tell_read,
        )
        self._tasks: set[asyncio.Task[None]] = set()

    async def go_on(self) -> None:
        """What happens without a client's word, for as long as the process lives."""
        await asyncio.gather(self._telling.go_on(), self._rounds.go_on())

    async def close(self) -> None:
        """After the last socket: see to the end what each left behind."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LEAVE_SECONDS)

    async def serve(self, connection: GatewayConnection) -> None:
        """One connection, from its handshake to its end."""
        try:
            await connection.handshake(_only_here, server_header=None)
            if connection.response and connection.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
                await self._hold(connection)
        except Closed as closed:
            await connection.close(closed.code, closed.reason)
        except ConnectionClosed:
            pass
        except Exception as error:
            if is_away(error):
                await connection.close(CloseCode.TRY_AGAIN, REASONS[CloseCode.TRY_AGAIN])
            else:
                logger.error("a socket failed", exc_info=error)
                await connection.close(INTERNAL_ERROR)

    def heed(self, word: Word) -> None:
        """What Redis says, and what it may have said unheard."""
        if isinstance(word, Missed):
            self._reading.missed(word.since)
            self._spawn(self._reading.show_missed())
            self._spawn(self._rounds.compare_numbers())
            self._spawn(self._rounds.check_sessions())
        elif not isinstance(word, Push):
            self._check(word.what, word.which)
        elif word.what is Pushed.STORED:
            self._telling.stored(word.user_id, word.number)
        else:
            at = EPOCH + timedelta(milliseconds=word.number)
            self._spawn(self._reading.show(word.user_id, at))

    async def tell_read(self, user_id: str, at: datetime) -> None:
        """The person has read something at this very time: all their sockets are told.

        With Redis away those in this process are told now, others when it is back.
        """
        try:
            await self._pushes.read(user_id, at)
        except Exception as error:
            if not is_away(error):
                raise
            self._spawn(self._reading.show(user_id, at))

    async def _hold(self, connection: GatewayConnection) -> None:
        admitted = await self._entrance.admit(connection)
        socket = Socket(connection, secrets.token_hex(12), admitted.user_id, admitted.session_id)
        room = self._rooms.enter(socket)
        try:
            await self._open(socket, room, admitted)
            await self._conversation.hold(socket)
        finally:
            self._leave(socket)

    async def _open(self, socket: Socket, room: Room, admitted: Admitted) -> None:
        """Listen first, then read: what is stored in between is not missed. Raises Closed."""
        if not await self._has_place(socket, room):
            raise Closed(CloseCode.TOO_MANY)
        state = await self._states.ask(socket.user_id)
        if not room.is_followed:
            room.is_followed = True
            room.told_until = max(room.told_until, state.last_seq)
        self._telling.stored(socket.user_id, state.last_seq)
        facts = {"userId": socket.user_id, "socketId": socket.socket_id, "unread": state.unread}
        socket.push(frames.written("user_connected", facts | {"last_seq": state.last_seq}, socket.user_id))
        if admitted.after is not None:
            socket.keeps_count = True
            self._replays.resume(socket, admitted.after)
        else:
            self._replays.resume_later(socket, room)

    async def _has_place(self, socket: Socket, room: Room) -> bool:
        """Counted over all gateways; without Redis, in this one."""
        if len(room.sockets) > MOST_SOCKETS:
            return False
        now = datetime.now(UTC)
        has = await tolerated(self._presence.enter(socket.user_id, socket.socket_id, now, most=MOST_SOCKETS))
        return has is not False

    async def _states_of(self, user_ids: Sequence[str]) -> Mapping[str, InboxState]:
        rooms = {user_id: self._rooms.find(user_id) for user_id in user_ids}
        new = [user_id for user_id, room in rooms.items() if room and not room.is_followed]
        if new:
            await self._subscriptions.follow(new)
        return await self._inboxes.states(user_ids)

    def _check(self, what: Hinted, which: str) -> None:
        """A session here may have ended: ask at once."""
        room = self._rooms.find(which) if what is Hinted.USER else None
        held = {socket.session_id for socket in (room.sockets if room else self._rooms.of_session(which))}
        if held:
            self._spawn(self._rounds.check_sessions(list(held)))

    def _leave(self, socket: Socket) -> None:
        room = self._rooms.leave(socket)
        self._replays.cancel(socket)
        self._spawn(self._presence.leave(socket.user_id, socket.socket_id))
        if not room.sockets:
            self._spawn(self._subscriptions.leave(socket.user_id))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(_watched(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _watched(work: Coroutine[Any, Any, None]) -> None:
    with logged_unless_away("the gateway failed at something", to=logger):
        await work


def _only_here(connection: ServerConnection, request: Request) -> Response | None:
    if request.path.partition("?")[0] == PATH:
        return None
    return connection.respond(HTTPStatus.NOT_FOUND, "There is no WebSocket at this address.")
