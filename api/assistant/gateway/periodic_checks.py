"""Periodic checks of a gateway, independent of what Redis tells: chats that end, turns that change, presence."""

import asyncio
from datetime import UTC, datetime

from adapters.redis.presence import HEARTBEAT_SECONDS
from adapters.redis.subscriptions import Subscriptions
from adapters.stores.assistant import AssistantStores
from api.assistant.gateway import frames
from api.assistant.gateway.relay import Relay
from api.assistant.gateway.rooms import ChatRoom, Rooms, ended_rooms
from api.sockets.socket_checks import every
from domain.assistant.chats import EndReason

CHECK_SECONDS = 1.0
COMPARE_SECONDS = 15.0
SILENCE_SECONDS = 2.0
"""A turn that is being answered and of which nothing was heard for this long is read again."""


class PeriodicChecks:
    """The periodic checks of one gateway. Each is public, since some also run on an event."""

    def __init__(self, rooms: Rooms, relay: Relay, stores: AssistantStores, subscriptions: Subscriptions) -> None:
        self._rooms = rooms
        self._relay = relay
        self._stores = stores
        self._subscriptions = subscriptions

    async def run(self) -> None:
        """Run all checks at their intervals until cancelled."""
        await asyncio.gather(
            every(CHECK_SECONDS, self.look_for_changes),
            every(CHECK_SECONDS, self.end_chats),
            every(COMPARE_SECONDS, self.compare_turns),
            every(COMPARE_SECONDS, self.compare_chats),
            every(HEARTBEAT_SECONDS, self.renew_chats),
        )

    async def look_for_changes(self) -> None:
        """Read the turns again of which Redis tells nothing; all while it tells nothing at all."""
        if not self._subscriptions.is_listening:
            await self.compare_turns()
            return
        silent_since = asyncio.get_running_loop().time() - SILENCE_SECONDS
        for room in self._rooms.all():
            if room.turns and room.heard_at < silent_since:
                self._relay.look_at(room, room.turns)

    async def compare_turns(self) -> None:
        """Look for turns that no message announced, in all chats. One query."""
        rooms = self._loaded_rooms()
        for turn in await self._stores.turns.list_open([room.chat_id for room in rooms]) if rooms else ():
            if room := self._rooms.find(turn.chat_id):
                self._relay.look_at(room, [turn.turn_id])
        for room in rooms:
            self._relay.look_at(room, room.turns)

    async def compare_chats(self) -> None:
        """Look for ends of chats that no message announced. One query."""
        await self.read_chats(self._loaded_rooms())

    async def end_chats(self) -> None:
        """Tell the sockets of chats that have ended by the clock. Their last use may have been seen by others only."""
        await self.read_chats(ended_rooms(self._rooms.all(), datetime.now(UTC)))

    async def read_chats(self, rooms: list[ChatRoom]) -> None:
        """Read chats again, in one query, and tell their sockets of those that have ended."""
        if not rooms:
            return
        now = datetime.now(UTC)
        chats = await self._stores.chats.find_many([room.chat_id for room in rooms], now)
        for room in rooms:
            chat = chats.get(room.chat_id)
            room.chat = chat or room.chat
            reason = chat.end_reason(now) if chat else EndReason.DELETED
            if reason and not room.is_told_of_end:
                for socket in room.sockets:
                    socket.push(frames.ended_frame(socket.user_id, room.chat_id, reason))
            room.is_told_of_end = reason is not None

    async def renew_chats(self) -> None:
        """Renew the presence of all sockets in their chats."""
        present = [(room.chat_id, socket.socket_id) for room in self._rooms.all() for socket in room.sockets]
        await self._stores.chat_sockets.renew_sockets(present, datetime.now(UTC))

    def _loaded_rooms(self) -> list[ChatRoom]:
        return [room for room in self._rooms.all() if room.is_loaded]
