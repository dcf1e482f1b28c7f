"""The text of a turn, however often its connection is lost, and whatever a new one brings before it is asked."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from decode_client import Turn
from domain.assistant import turns
from domain.assistant.positions import Position
from domain.assistant.telling import NOTHING_TOLD, Chunk, Started, Told, end_of, next_event, told_until_now
from domain.assistant.turns import FinishReason, Part, PartKind, TurnMode, TurnState

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS = st.one_of(
    st.text(alphabet="aé\U0001f600", min_size=1, max_size=3),
    st.sampled_from(["<part>", "<tell>", "<cut>", "<resume>", "<retry>"]),
)


class Wire:
    """An answer as the API has it, told by the API's own rules to a client over connections that are lost."""

    def __init__(self) -> None:
        self.client = Turn("t")
        self.told = NOTHING_TOLD
        self.asked: Told | None = None
        self.earlier: dict[int, str] = {}
        self.answer = turns.Turn(
            "t", "c", "u", 1, "?", TurnMode.QUEUE, "", TurnState.RUNNING, 1, [], 1, "mock", None, None, turns.Usage(),
            NOW, None, None,
        )  # fmt: skip

    def happen(self, event: str) -> None:
        """Let one thing happen; what is in no brackets is said by the model."""
        parts = list(self.answer.parts)
        match event:
            case "<part>" if parts:
                self.answer = replace(self.answer, parts=[*parts[:-1], replace(parts[-1], is_whole=True)])
            case "<tell>":
                self.tell()
            case "<cut>":
                self.told, live_from = told_until_now(self.answer), end_of(self.answer)
                part, offset = self.client.ask_from((live_from.part, live_from.offset), self.answer.attempt)
                self.asked = Told(self.client.attempt, Position(part, offset))
            case "<retry>":
                self.earlier[self.answer.attempt] = self.answer.answer
                self.answer = replace(self.answer, attempt=self.answer.attempt + 1, parts=[])
            case "<resume>":
                self.resume()
            case _ if not event.startswith("<"):
                begun = parts.pop() if parts and not parts[-1].is_whole else Part(PartKind.TEXT)
                self.answer = replace(self.answer, parts=[*parts, replace(begun, text=begun.text + event)])

    def resume(self) -> None:
        if self.asked is not None:
            self.told, self.asked = self.asked, None
            self.tell()

    def tell(self) -> None:
        while step := next_event(self.told, self.answer):
            event, self.told = step
            if isinstance(event, Started):
                self.client.begin(self.answer.attempt)
            elif isinstance(event, Chunk):
                chunk = {"part": event.part, "offset": event.offset, "next_offset": event.next_offset}
                self.client.take({**chunk, "content": event.content})


@given(st.lists(EVENTS, max_size=40))
@example(["a", "<tell>", "b", "<part>", "<cut>", "c", "<tell>", "<resume>"])
@example(["a", "<cut>", "<part>", "c", "<tell>", "<resume>"])
@example(["aaa", "<tell>", "<retry>", "b", "<cut>", "b", "<tell>", "bb", "<tell>", "<resume>"])
@example(["aa", "<tell>", "<cut>", "<retry>", "bbb", "<resume>"])
@settings(max_examples=300)
def test_text_has_no_gap_and_no_repeat(events: list[str]) -> None:
    async def play() -> None:
        wire = Wire()
        for event in events:
            wire.happen(event)
            said = wire.earlier.get(wire.client.attempt, wire.answer.answer)
            assert said.startswith(wire.client.text)
        wire.resume()
        wire.tell()
        assert wire.client.text == wire.answer.answer

    asyncio.run(play())


async def test_what_is_missing_at_the_end_is_the_last_piece() -> None:
    turn = Turn("t")
    turn.take({"part": 0, "offset": 0, "next_offset": 2, "content": "ab"})
    turn.take({"part": 0, "offset": 3, "next_offset": 4, "content": "d"})
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "is_estimated": True}
    turn.finish({"state": "completed", "finish_reason": FinishReason.STOP, "fullResponse": "abcd", "usage": usage})

    assert [piece async for piece in turn] == ["ab", "cd"]
