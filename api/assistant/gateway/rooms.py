"""The sockets of one chat in this process, and the turns that they are told of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from api.assistant.gateway.chat_socket import ChatSocket
from api.sockets.open_sockets import Group, Groups
from domain.assistant.chats import Chat
from domain.assistant.telling import NOTHING_TOLD, Told, told_until_now
from domain.assistant.turns import Part, PartKind, Turn
from domain.assistant.writing import TextPlace

MAX_REMEMBERED = 64


@dataclass(eq=False, slots=True)
class ChatRoom(Group[ChatSocket]):
    """One chat's sockets. `chat`: as it was read last. `turns`: those that a socket is still to be told of. `ended`:
    the attempt of each turn that all were told of, the latest turns. `newest`: the highest number of a turn that is
    known. `is_loaded`: the channel is subscribed to and the chat read. `heard_at`: loop time of the last that was heard
    of it.
    """

    chat: Chat | None = None
    turns: dict[str, Turn] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    newest: int = 0
    is_loaded: bool = False
    is_told_of_end: bool = False
    heard_at: float = 0.0

    @property
    def chat_id(self) -> str:
        """The chat whose sockets are here."""
        return self.key

    def load(self, chat: Chat, open_turns: Sequence[Turn]) -> None:
        """Take the chat and its open turns, as they were read after its channel was subscribed to."""
        self.chat, self.is_told_of_end = chat, False
        for turn in open_turns:
            self.put(turn)
        if not self.is_loaded:
            self.newest, self.is_loaded = max(self.newest, chat.turns), True

    def open_turns(self) -> Sequence[Turn]:
        """Return the turns that are not closed, as far as is known."""
        return sorted((turn for turn in self.turns.values() if turn.state.is_open), key=lambda turn: turn.number)

    def keep(self, turn: Turn) -> None:
        """Take a turn that a socket asks for. The others are told of it only if it is new to all."""
        known, is_news = self.turns.get(turn.turn_id), self._is_news(turn)
        self.turns[turn.turn_id] = _newer(known, turn) if known else turn
        self.newest = max(self.newest, turn.number)
        for socket in self.sockets if is_news else ():
            # One that is still to be told of an earlier attempt goes on from there.
            tell_of(socket, turn, (socket.told or {}).get(turn.turn_id, NOTHING_TOLD))

    def put(self, turn: Turn) -> None:
        """Take a turn as MongoDB has it. All sockets are told of one that is new, or answered anew, since they came."""
        if turn.turn_id in self.turns or self._is_news(turn):
            self.keep(turn)

    def grow(self, place: TextPlace, offset: int, text: str) -> None:
        """Take the text of a part from an offset on. It may be known further by now."""
        length = self.length_of(place)
        if length is None or length < offset:
            return
        turn = self.turns[place.turn_id]
        part = Part(PartKind.TEXT, turn.text_of(place.part) + text.encode()[length - offset :].decode())
        self.turns[place.turn_id] = replace(turn, parts=[*turn.parts[: place.part], part])

    def length_of(self, place: TextPlace) -> int | None:
        """Return how much of a part is known, in bytes; None if it cannot grow from there."""
        turn = self.turns.get(place.turn_id)
        if turn is None or turn.attempt != place.attempt or place.part > len(turn.parts):
            return None
        if place.part == len(turn.parts):
            return 0 if all(part.is_whole for part in turn.parts) else None
        part = turn.parts[place.part]
        return None if part.is_whole else part.length

    def enter_live(self, socket: ChatSocket) -> None:
        """Have a socket told of all that comes from now on."""
        for turn in self.turns.values():
            if turn.state.is_open:
                tell_of(socket, turn, told_until_now(turn))

    def forget_told(self) -> None:
        """Forget the turns that are closed and of which all sockets were told."""
        for turn in list(self.turns.values()):
            if not turn.state.is_open and all(_is_over(socket, turn) for socket in self.sockets):
                self._forget(turn)

    def _forget(self, turn: Turn) -> None:
        del self.turns[turn.turn_id]
        self.ended[turn.turn_id] = turn.attempt
        if len(self.ended) > MAX_REMEMBERED:
            del self.ended[next(iter(self.ended))]
        for socket in self.sockets:
            if socket.told:
                socket.told.pop(turn.turn_id, None)

    def _is_news(self, turn: Turn) -> bool:
        known = self.turns.get(turn.turn_id)
        attempt = known.attempt if known else self.ended.get(turn.turn_id, turn.attempt)
        is_missing = known is None and turn.state.is_open
        return turn.number > self.newest or turn.attempt > attempt or is_missing


Rooms = Groups[ChatRoom]
"""The rooms of this process, by chat."""


def tell_of(socket: ChatSocket, turn: Turn, told: Told) -> None:
    """Have a socket told of a turn from a mark on."""
    if socket.told is None:
        socket.told = {}
    socket.told[turn.turn_id] = told


def ended_rooms(rooms: Iterable[ChatRoom], now: datetime) -> list[ChatRoom]:
    """Return the rooms whose chat has ended by the clock, as far as is known, and that were not told of it."""
    return [room for room in rooms if room.chat and not room.is_told_of_end and room.chat.end_reason(now)]


def _is_over(socket: ChatSocket, turn: Turn) -> bool:
    told = (socket.told or {}).get(turn.turn_id)
    return told is None or (told.is_over and told.attempt == turn.attempt)


def _newer(known: Turn, stored: Turn) -> Turn:
    """Return the turn as stored, with what is known of its last part if that is more: MongoDB gets it later. It may
    also have been read before what is known.
    """
    if (stored.attempt, not stored.state.is_open) < (known.attempt, not known.state.is_open):
        return known
    number = len(known.parts) - 1
    if stored.attempt != known.attempt or number < 0 or not stored.state.is_open:
        return stored
    text = known.parts[number].text
    if number < len(stored.parts) and (stored.parts[number].is_whole or len(stored.parts[number].text) >= len(text)):
        return stored
    return replace(stored, parts=[*stored.parts[:number], known.parts[number]])
