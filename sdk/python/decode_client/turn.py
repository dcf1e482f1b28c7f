"""A turn of a chat: one message, and its answer as it comes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from decode_client.chat_frames import CallEvent
from decode_client.errors import DecodeError
from decode_client.generated.answers import FinishReason, TurnState, UsageView

Position = tuple[int, int]
"""A part of an answer, and an offset in it: in UTF-8 bytes of a text, in steps of a call."""

START: Position = (0, 0)


@dataclass(frozen=True)
class TurnEnd:
    """How a turn has ended: `completed` or `stopped`. `text`: all that was said."""

    state: TurnState | str
    finish_reason: FinishReason | str
    text: str
    usage: UsageView


@dataclass(frozen=True)
class TextReset:
    """A model has failed amid a text, and the next has begun anew: `text`, what was said of it, does not count."""

    text: str


TurnEvent = str | CallEvent | TextReset


class Turn:
    """What answers a message. Iterated, it yields the text piece by piece, from its beginning, each piece once. Of a
    text that does not count any more `events` tells.

    `message`: what it answers, as far as that is known here: of turns that were said, or that `chat.turns()` gave.
    A turn that has failed raises DecodeError, named by the API, from the iterations and from `end`.
    """

    def __init__(self, turn_id: str, message: str = "") -> None:
        self.turn_id = turn_id
        self.message = message
        self._events: list[TurnEvent] = []
        self._first = 0
        self._part_first = 0
        self._attempt = 1
        self._position = START
        self._unheeded_from: Position | None = None
        self._changed = asyncio.Event()
        self._end: asyncio.Future[TurnEnd] = asyncio.get_running_loop().create_future()
        # A failure that the app does not ask for is no error of the program.
        self._end.add_done_callback(lambda end: end.cancelled() or end.exception())

    @property
    def text(self) -> str:
        """What was said until now, and counts."""
        said = ""
        for event in self._events[self._first :]:
            if isinstance(event, str):
                said += event
            elif isinstance(event, TextReset):
                said = said.removesuffix(event.text)
        return said

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self._end.done()

    @property
    def attempt(self) -> int:
        """Which answer to the message it is, from 1."""
        return self._attempt

    async def end(self) -> TurnEnd:
        """Wait for the end. Raises DecodeError for a turn that has failed."""
        return await asyncio.shield(self._end)

    async def events(self) -> AsyncIterator[TurnEvent]:
        """Yield pieces of text, which of it does not count any more, and what happens to calls of tools between them;
        from the beginning, each once.
        """
        given = self._first
        while True:
            changed = self._changed
            while given < len(self._events):
                yield self._events[given]
                given += 1
            if self._end.done():
                self._end.result()
                return
            await changed.wait()

    async def __aiter__(self) -> AsyncIterator[str]:
        async for event in self.events():
            if isinstance(event, str):
                yield event

    def ask_from(self, live_from: Position | None, live_attempt: int = 1) -> Position:
        """Return the position from which the rest is to be asked for on a new connection.

        `live_from`: where that connection goes on by itself, which may be further, or in a later attempt. It is the
        last byte or step that is here, if there is any of the part: what begins with it is surely the answer, and all
        that begins later and comes before is not heeded.
        """
        self.begin(live_attempt)
        part, offset = self._position
        if offset:
            self._unheeded_from = self._position
        else:
            self._unheeded_from = live_from if live_from and live_from > self._position else None
        return part, max(0, offset - 1)

    def begin(self, attempt: int) -> None:
        """Take that the answer begins. A later attempt begins anew."""
        if attempt > self._attempt:
            self._first = self._part_first = len(self._events)
            self._position, self._unheeded_from = START, None
            self._attempt = attempt

    def take(self, chunk: dict[str, Any]) -> None:
        """Take a chunk; what is here already, or leaves a gap, is left out."""
        begins = (chunk["part"], chunk["offset"])
        if not self._heeds(begins):
            return
        known = self._position[1] if begins[0] == self._position[0] else 0
        content = chunk["content"].encode()
        if begins[0] >= self._position[0] and begins[1] <= known < begins[1] + len(content):
            if begins[0] > self._position[0]:
                self._part_first = len(self._events)
            self._position = begins[0], chunk["next_offset"]
            self._add(content[known - begins[1] :].decode())

    def reset(self, part: int) -> None:
        """Take that what was said in a part does not count: the answer begins anew in the next."""
        if part < self._position[0] or (part > self._position[0] and self._unheeded_from):
            return
        self._unheeded_from = None
        said = self._events[self._part_first :] if part == self._position[0] else []
        dropped = "".join(piece for piece in said if isinstance(piece, str))
        self._position = part + 1, 0
        if dropped:
            self._add(TextReset(dropped))
        self._part_first = len(self._events)

    def take_call(self, event: CallEvent) -> None:
        """Take what happens to a call; what is here already is left out."""
        known = (event.part, event.step)
        if self._heeds((event.part, event.step - 1)) and known > self._position:
            self._position = known
            self._add(event)

    def finish(self, data: dict[str, Any]) -> None:
        """Take the end, and what is still missing of the text."""
        whole, usage = data["fullResponse"], UsageView.model_validate(data["usage"])
        if whole.startswith(self.text) and whole != self.text:
            self._add(whole.removeprefix(self.text))
        if not self._end.done():
            self._end.set_result(TurnEnd(data["state"], data["finish_reason"], whole, usage))
        self._wake()

    def fail(self, error: DecodeError) -> None:
        """Take that there will be no end."""
        if not self._end.done():
            self._end.set_exception(error)
        self._wake()

    def _heeds(self, begins: Position) -> bool:
        if self._unheeded_from and begins >= self._unheeded_from:
            return False
        self._unheeded_from = None
        return True

    def _add(self, event: TurnEvent) -> None:
        self._events.append(event)
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
