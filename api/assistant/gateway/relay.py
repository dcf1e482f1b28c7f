"""Tells the sockets of this process what is said in their chats. One task reads for all rooms that are behind.

It hears of more text and reads that from Redis, many parts in one round trip; it hears of changes and reads those
turns from MongoDB, many in one query. A socket is told as fast as its peer reads: one that is slow gets larger chunks.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from adapters.redis.turn_texts import TextGrown, TurnChanged
from adapters.stores.assistant import AssistantStores
from api.assistant.gateway import frames
from api.assistant.gateway.chat_socket import ChatSocket
from api.assistant.gateway.rooms import ChatRoom, Rooms
from api.http.outages import logged_unless_away
from domain.assistant.telling import Told, next_event
from domain.assistant.writing import TextPlace

RETRY_PAUSE_SECONDS = 1.0

logger = logging.getLogger("decode.sockets")

Steps = dict[tuple[str, Told], tuple[bytes, Told] | None]
"""The next frame and mark by turn and mark: sockets that are told the same get the same bytes."""


class Relay:
    """Keeps the rooms up to date and tells their sockets. What is heard only marks something, and never waits."""

    def __init__(self, rooms: Rooms, stores: AssistantStores) -> None:
        self._rooms = rooms
        self._stores = stores
        self._grown: dict[TextPlace, int] = {}
        self._changed: dict[str, str] = {}
        self._woken = asyncio.Event()

    def hear(self, event: TextGrown | TurnChanged) -> None:
        """Take what was announced of a turn."""
        room = self._rooms.find(event.place.chat_id if isinstance(event, TextGrown) else event.chat_id)
        if room is None:
            return
        room.heard_at = asyncio.get_running_loop().time()
        if isinstance(event, TextGrown):
            self._grown[event.place] = event.length
        else:
            self._changed[event.turn_id] = room.chat_id
        self._woken.set()

    def look_at(self, room: ChatRoom, turn_ids: Iterable[str]) -> None:
        """Have turns of a room read again."""
        self._changed.update(dict.fromkeys(turn_ids, room.chat_id))
        self._woken.set()

    async def run(self) -> None:
        """Relay until cancelled. While MongoDB is unavailable what has changed is read later."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            with logged_unless_away("the relay failed", to=logger):
                await self._read_changed()
                await self._read_grown()
                continue
            await asyncio.sleep(RETRY_PAUSE_SECONDS)
            self._woken.set()

    def admit(self, socket: ChatSocket) -> None:
        """Tell a socket that was entering what came meanwhile."""
        socket.is_entering = False
        self.tell(socket)

    @contextmanager
    def hold(self, socket: ChatSocket, to: Collection[str]) -> Iterator[None]:
        """Tell a socket of these turns alone meanwhile, and of all afterwards."""
        socket.held_to = to
        try:
            yield
        finally:
            socket.held_to = None
            self.tell(socket)

    def tell(self, socket: ChatSocket, steps: Steps | None = None) -> None:
        """Tell a socket all that it was not told yet, as far as its peer reads."""
        room = self._rooms.find(socket.chat_id)
        if room is None or not socket.told:
            return
        known: Steps = {} if steps is None else steps
        for turn_id in sorted(filter(socket.hears_of, room.turns), key=lambda each: room.turns[each].number):
            if not self._tell_turn(socket, room, turn_id, known):
                socket.wait_until_clear(lambda: self.tell(socket))
                return
        room.forget_told()

    def _tell_turn(self, socket: ChatSocket, room: ChatRoom, turn_id: str, steps: Steps) -> bool:
        """Tell a socket of one turn. Returns False if its peer does not read fast enough."""
        turn = room.turns[turn_id]
        while socket.told is not None:
            told = socket.told[turn_id]
            if (turn_id, told) not in steps:
                step = next_event(told, turn)
                steps[turn_id, told] = (frames.turn_frame(step[0], turn), step[1]) if step else None
            found = steps[turn_id, told]
            if found is None:
                return True
            if not socket.is_clear:
                return not socket.is_open
            frame, socket.told[turn_id] = found
            socket.push(frame)
        return True

    async def _read_changed(self) -> None:
        changed, self._changed = self._changed, {}
        if not changed:
            return
        try:
            turns = await self._stores.turn_calls.attach(await self._stores.turns.find_many(list(changed)))
        except BaseException:
            self._changed = changed | self._changed
            raise
        for turn in turns:
            if room := self._rooms.find(turn.chat_id):
                room.put(turn)
        self._tell_rooms(set(changed.values()))

    async def _read_grown(self) -> None:
        grown, self._grown = self._grown, {}
        known = {place: self._known(place) for place in grown}
        ranges = [(place, offset) for place, offset in known.items() if offset is not None and offset < grown[place]]
        if not ranges:
            return
        texts = await self._stores.texts.read_from(ranges)
        for (place, offset), text in zip(ranges, texts, strict=True):
            if room := self._rooms.find(place.chat_id):
                self._take(room, place, offset, text)
        self._tell_rooms({place.chat_id for place, _ in ranges})

    def _take(self, room: ChatRoom, place: TextPlace, offset: int, text: str) -> None:
        """Take the text that was read; what Redis no longer has MongoDB has."""
        if text:
            room.grow(place, offset, text)
        else:
            self.look_at(room, [place.turn_id])

    def _known(self, place: TextPlace) -> int | None:
        room = self._rooms.find(place.chat_id)
        if room is None:
            return None
        if place.turn_id not in room.turns:
            self.look_at(room, [place.turn_id])
        return room.length_of(place)

    def _tell_rooms(self, chat_ids: Iterable[str]) -> None:
        for chat_id in chat_ids:
            room = self._rooms.find(chat_id)
            steps: Steps = {}
            for socket in list(room.sockets) if room else []:
                self.tell(socket, steps)
