"""Checks of the sockets of one gateway that its area has no part in: at their opening, then at intervals, and by hints
from Redis.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.mongo.auth.sessions import SessionStore
from adapters.redis.presence import HEARTBEAT_SECONDS, Presence
from adapters.redis.session_invalidations import InvalidationKind, SessionInvalidation
from adapters.redis.subscriptions import Gap, PubSubEvent
from api.http.outages import logged_unless_away, none_if_unavailable
from api.sockets.close_codes import CloseCode, SocketClosed
from api.sockets.door import Door
from api.sockets.key_sockets import KeySockets
from api.sockets.open_sockets import OpenSockets
from api.sockets.socket import Socket
from domain.auth.key_format import is_key

MAX_SOCKETS_PER_USER = 10
SESSION_CHECK_SECONDS = 5.0
SILENCE_CHECK_SECONDS = 5.0
PING_AFTER_SECONDS = 25.0
DROP_AFTER_SECONDS = 60.0
MAX_SOCKETS_PER_TURN = 500
"""Sockets that are looked at before others get their turn."""

logger = logging.getLogger("decode.sockets")


class SocketChecks:
    """The checks of one gateway. `presence` counts its sockets by user. `spawn` runs a check in the background.
    `max_sockets`: how many a user may have.
    """

    def __init__(
        self,
        open_sockets: OpenSockets[Any],
        door: Door,
        presence: Presence,
        sessions: SessionStore,
        key_sockets: KeySockets,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        max_sockets: int = MAX_SOCKETS_PER_USER,
    ) -> None:
        self._open_sockets = open_sockets
        self._door = door
        self._presence = presence
        self._sessions = sessions
        self._key_sockets = key_sockets
        self._spawn = spawn
        self._max_sockets = max_sockets

    async def run(self) -> None:
        """Run all checks at their intervals until cancelled."""
        await asyncio.gather(
            every(SESSION_CHECK_SECONDS, self.check_sessions),
            every(HEARTBEAT_SECONDS, self.renew_sockets),
            every(SILENCE_CHECK_SECONDS, self.drop_silent),
        )

    def handle(self, event: PubSubEvent) -> None:
        """Check the sessions and keys that a hint names, if they have sockets in this process; after a gap all."""
        if isinstance(event, Gap):
            self._spawn(self.check_sessions())
        elif isinstance(event, SessionInvalidation) and (held := self._held(event)):
            self._spawn(self.check_sessions(held))

    def _held(self, hint: SessionInvalidation) -> Sequence[str]:
        users, target = self._open_sockets.users, hint.target_id
        group = users.find(target) if hint.kind is InvalidationKind.USER else None
        sockets = group.sockets if group else self._open_sockets.opened_by(target)
        return list({socket.opened_by for socket in sockets})

    async def require_place(self, socket: Socket) -> None:
        """Count a socket that has entered, over all processes; without Redis, in this one.

        Raises SocketClosed if its user has too many.
        """
        group = self._open_sockets.users.find(socket.user_id)
        if group is not None and len(group.sockets) > self._max_sockets:
            raise SocketClosed(CloseCode.TOO_MANY)
        now = datetime.now(UTC)
        has_place = await none_if_unavailable(
            self._presence.add_socket(socket.user_id, socket.socket_id, now, max_sockets=self._max_sockets)
        )
        if has_place is False:
            raise SocketClosed(CloseCode.TOO_MANY)

    def free_place(self, socket: Socket) -> None:
        """No longer count a socket that has left."""
        self._spawn(self._presence.remove_socket(socket.user_id, socket.socket_id))

    async def check_sessions(self, held: Sequence[str] | None = None) -> None:
        """Close the sockets of ended sessions and keys, among `held` or all in this process. One query for each kind.

        `held`: ids of sessions and prefixes of keys.
        """
        held = self._open_sockets.openers() if held is None else held
        keys = [opener for opener in held if is_key(opener)]
        await asyncio.gather(self._check_sessions(set(held).difference(keys)), self._check_keys(keys))

    async def _check_sessions(self, held: Collection[str]) -> None:
        living = await self._sessions.filter_active(list(held), datetime.now(UTC))
        for session_id in set(held) - living:
            for socket in self._open_sockets.opened_by(session_id):
                socket.close(CloseCode.SESSION_ENDED)

    async def _check_keys(self, held: Sequence[str]) -> None:
        sockets = [socket for prefix in held for socket in self._open_sockets.opened_by(prefix)]
        uses = {socket.key_use for socket in sockets if socket.key_use}
        refused = await self._key_sockets.find_refused(uses, self._door.permission) if uses else {}
        for socket in sockets:
            if socket.key_use and socket.key_use in refused:
                socket.close(refused[socket.key_use])

    async def renew_sockets(self) -> None:
        """Renew the presence of all users with sockets in this process."""
        present = [(socket.user_id, socket.socket_id) for socket in self._open_sockets.all()]
        await self._presence.renew_sockets(present, datetime.now(UTC))

    async def drop_silent(self) -> None:
        """Ping peers every 25 s, and disconnect those that are silent for 60 s."""
        now = asyncio.get_running_loop().time()
        for number, socket in enumerate(self._open_sockets.all()):
            connection = socket.connection
            if now - connection.heard_at >= DROP_AFTER_SECONDS:
                connection.transport.abort()
            elif now - connection.pinged_at >= PING_AFTER_SECONDS and socket.is_clear:
                connection.ping_peer()
            if number % MAX_SOCKETS_PER_TURN == 0:
                await asyncio.sleep(0)


async def every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do work at intervals until cancelled. What fails is logged, unless it is an outage."""
    while True:
        await asyncio.sleep(seconds)
        with logged_unless_away("a round of the gateway failed", to=logger):
            await work()
