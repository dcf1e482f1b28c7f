"""Periodic checks of a gateway, independent of Redis messages: sessions, sequence numbers, presence, silent peers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime

from adapters.mongo.auth.sessions import SessionStore
from adapters.mongo.notifications.inboxes import InboxStore
from adapters.redis.presence import HEARTBEAT_SECONDS, MAX_SOCKETS_PER_PIPELINE, PROCESS_HEARTBEAT_SECONDS, Presence
from api.access.key_authentication import is_key
from api.http.outages import logged_unless_away
from api.notifications.gateway.close_codes import CloseCode
from api.notifications.gateway.key_sockets import KeySockets
from api.notifications.gateway.live_delivery import LiveDelivery
from api.notifications.gateway.read_sync import ReadSync
from api.notifications.gateway.rooms import Rooms

SESSION_CHECK_SECONDS = 5.0
SEQ_CHECK_SECONDS = 15.0
SILENCE_CHECK_SECONDS = 5.0
PING_AFTER_SECONDS = 25.0
DROP_AFTER_SECONDS = 60.0

logger = logging.getLogger("decode.sockets")


class PeriodicChecks:
    """The periodic checks of one gateway. Each is public, since some also run on an event."""

    def __init__(
        self,
        rooms: Rooms,
        live_delivery: LiveDelivery,
        read_sync: ReadSync,
        sessions: SessionStore,
        key_sockets: KeySockets,
        inboxes: InboxStore,
        presence: Presence,
    ) -> None:
        self._rooms = rooms
        self._live_delivery = live_delivery
        self._read_sync = read_sync
        self._sessions = sessions
        self._key_sockets = key_sockets
        self._inboxes = inboxes
        self._presence = presence

    async def run(self) -> None:
        """Run all checks at their intervals until cancelled."""
        await asyncio.gather(
            _every(SESSION_CHECK_SECONDS, self.check_sessions),
            _every(SEQ_CHECK_SECONDS, self.compare_seqs),
            _every(SEQ_CHECK_SECONDS, self._read_sync.push_missed),
            _every(HEARTBEAT_SECONDS, self.renew_sockets),
            _every(PROCESS_HEARTBEAT_SECONDS, self.renew_process),
            _every(SILENCE_CHECK_SECONDS, self.drop_silent),
        )

    async def check_sessions(self, held: Sequence[str] | None = None) -> None:
        """Close the sockets of ended sessions and keys, among `held` or all in this process. One query for each kind.

        `held`: ids of sessions and prefixes of keys.
        """
        held = self._rooms.openers() if held is None else held
        keys = [opener for opener in held if is_key(opener)]
        await asyncio.gather(self._check_sessions(set(held).difference(keys)), self._check_keys(keys))

    async def _check_sessions(self, held: Collection[str]) -> None:
        living = await self._sessions.filter_active(list(held), datetime.now(UTC)) if held else set()
        for session_id in set(held) - living:
            for socket in self._rooms.opened_by(session_id):
                socket.close(CloseCode.SESSION_ENDED)

    async def _check_keys(self, held: Sequence[str]) -> None:
        sockets = [socket for prefix in held for socket in self._rooms.opened_by(prefix)]
        uses = {socket.key_use for socket in sockets if socket.key_use}
        refused = await self._key_sockets.find_refused(uses) if uses else {}
        for socket in sockets:
            if socket.key_use and socket.key_use in refused:
                socket.close(refused[socket.key_use])

    async def compare_seqs(self) -> None:
        """Find notifications that no Redis message announced, by their last sequence numbers. One query."""
        user_ids = [room.user_id for room in self._rooms.all()]
        if user_ids:
            for user_id, last_seq in (await self._inboxes.find_last_seqs(user_ids)).items():
                self._live_delivery.notify_stored(user_id, last_seq)

    async def renew_sockets(self) -> None:
        """Renew the presence of all users with sockets in this process."""
        present = [(socket.user_id, socket.socket_id) for socket in self._rooms.sockets()]
        for start in range(0, len(present), MAX_SOCKETS_PER_PIPELINE):
            await self._presence.renew_sockets(present[start : start + MAX_SOCKETS_PER_PIPELINE], datetime.now(UTC))

    async def renew_process(self) -> None:
        """Renew the heartbeat of this process."""
        await self._presence.renew_process(datetime.now(UTC))

    async def drop_silent(self) -> None:
        """Ping peers that are silent for 25 s, and disconnect those silent for 60 s."""
        now = asyncio.get_running_loop().time()
        for number, socket in enumerate(self._rooms.sockets()):
            silence = now - socket.connection.heard_at
            if silence >= DROP_AFTER_SECONDS:
                socket.connection.transport.abort()
            elif silence >= PING_AFTER_SECONDS and socket.is_clear:
                socket.connection.ping_peer()
            if number % MAX_SOCKETS_PER_PIPELINE == 0:
                await asyncio.sleep(0)


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        with logged_unless_away("a round of the gateway failed", to=logger):
            await work()
