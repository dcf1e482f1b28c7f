"""What is told of a turn, however often its connection is lost, and whatever a new one brings before it is asked."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.assistant.gateway.frames import turn_frame
from decode_client import Turn
from decode_client.chat_frames import CALL_EVENTS
from decode_client.turn import TextReset
from domain.assistant import turns
from domain.assistant.positions import Position
from domain.assistant.telling import NOTHING_TOLD, Told, end_of, next_event, told_until_now
from domain.assistant.tool_calls import Decision, ToolCall, ToolCallState
from domain.assistant.tools.results import ToolResult
from domain.assistant.turn_ends import FinishReason, TurnState
from domain.assistant.turns import Part, PartKind, TurnMode

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DROPPED = Part(PartKind.TEXT, is_whole=True, is_dropped=True)
EVENTS = st.one_of(
    st.text(alphabet="aé\U0001f600", min_size=1, max_size=3),
    st.sampled_from("<part> <anew> <change> <read> <step> <step> <tell> <cut> <resume> <retry>".split()),
)
STEPS: dict[ToolCallState, dict[str, Any]] = {
    ToolCallState.ASKED: {"state": ToolCallState.RUNNING},
    ToolCallState.WAITING: {"state": ToolCallState.RUNNING, "decision": Decision.ONCE},
    ToolCallState.RUNNING: {"state": ToolCallState.DONE, "result": ToolResult({}), "execution_ms": 1},
}
"""How a call goes on."""


class Wire:
    """An answer as the API has it, told by the API's own rules to a client over connections that are lost."""

    def __init__(self) -> None:
        self.client = Turn("t")
        self.told = NOTHING_TOLD
        self.asked: Told | None = None
        self.earlier: dict[int, str] = {}
        self.taken_back: list[str] = []
        self.answer = turns.Turn(
            "t", "c", "u", 1, "?", TurnMode.QUEUE, "", TurnState.RUNNING, 1, [], 1, "mock", None, None, turns.Usage(),
            NOW, None, None,
        )  # fmt: skip

    def happen(self, event: str) -> None:
        """Let one thing happen; what is in no brackets is said by the model."""
        match event:
            case "<tell>":
                self.tell()
            case "<cut>":
                self.told, live_from = told_until_now(self.answer), end_of(self.answer)
                part, offset = self.client.ask_from((live_from.part, live_from.offset), self.answer.attempt)
                self.asked = Told(self.client.attempt, Position(part, offset))
            case "<retry>":
                self.earlier[self.answer.attempt] = self.answer.answer
                self.answer = replace(self.answer, attempt=self.answer.attempt + 1, parts=[], calls={})
            case "<resume>":
                self.resume()
            case "<step>":
                self.step()
            case _ if not self.running:
                self.answer = replace(self.answer, **self.said(event))

    @property
    def running(self) -> ToolCall | None:
        """The call that is not over. Nothing is said before it is."""
        return next((call for call in self.answer.calls.values() if call.result is None), None)

    def said(self, event: str) -> dict[str, Any]:
        """The answer after one more event of the model."""
        parts, calls = list(self.answer.parts), dict(self.answer.calls)
        begun = parts.pop() if parts and not parts[-1].is_whole else None
        if not event.startswith("<"):
            text = begun.text + event if begun else event
            return {"parts": [*parts, Part(PartKind.TEXT, text)]}
        whole = [*parts, replace(begun, is_whole=True)] if begun else parts
        if event == "<part>":
            return {"parts": whole}
        if event == "<anew>":
            self.taken_back.append(self.answer.answer)
            return {"parts": [*parts, DROPPED] if begun else parts}
        call = ToolCall("k", "u", f"call-{len(whole):04}", "echo", {}, "", ToolCallState.ASKED)
        if event == "<change>":
            call = replace(call, state=ToolCallState.WAITING, expires_at=NOW)
        part = Part(PartKind.TOOL_CALL, is_whole=True, call_id=call.call_id)
        return {"parts": [*whole, part], "calls": calls | {call.call_id: call}}

    def step(self) -> None:
        """Let the call that is not over go on."""
        if call := self.running:
            gone_on = replace(call, **STEPS[call.state])
            self.answer = replace(self.answer, calls={**self.answer.calls, call.call_id: gone_on})

    def resume(self) -> None:
        if self.asked is not None:
            self.told, self.asked = self.asked, None
            self.tell()

    def tell(self) -> None:
        for told, frame in frames_after(self.told, self.answer):
            self.told = told
            match frame["event"]:
                case "stream_start":
                    self.client.begin(frame["data"]["attempt"])
                case "stream_chunk":
                    self.client.take(frame["data"])
                case "stream_reset":
                    self.client.reset(frame["data"]["part"])
                case "stream_end":
                    self.client.finish(frame["data"])
                case name if name in CALL_EVENTS:
                    self.client.take_call(CALL_EVENTS[name].model_validate(frame["data"]))

    def end(self) -> None:
        """Let the model be done, and tell everything."""
        while self.running:
            self.step()
        self.resume()
        self.answer = replace(self.answer, state=TurnState.COMPLETED, finish_reason=FinishReason.STOP)
        self.tell()


def frames_after(told: Told, answer: turns.Turn) -> Iterator[tuple[Told, Any]]:
    """All that was not told yet, in the frames of the API."""
    while step := next_event(told, answer):
        event, told = step
        frame = turn_frame(event, answer)
        yield told, json.loads(frame[2 if frame[1] < 126 else 4 :])


def in_order(happened: Iterable[str]) -> list[str]:
    """Whole texts, and what has happened to calls between them."""
    return ["".join(pieces) for _, pieces in groupby(filter(None, happened), key=lambda each: each.startswith("<"))]


async def heard(client: Turn) -> list[str]:
    """What a client has heard."""
    events = {kind: name for name, kind in CALL_EVENTS.items()}
    told = list[str]()
    async for event in client.events():
        match event:
            case TextReset():
                told = taken_back(told, event.text)
            case str():
                told.append(event)
            case _:
                told.append(f"<{events[type(event)]} {event.call_id}>")
    return in_order(told)


def taken_back(told: list[str], text: str) -> list[str]:
    """What a client shows once this text, the last of it, does not count."""
    *before, last = in_order(told)
    assert last.endswith(text)
    return [*before, last.removesuffix(text)]


def said_by_the_api(answer: turns.Turn) -> list[str]:
    """What a client hears that was never away."""
    frames = [(frame["event"], frame["data"]) for _, frame in frames_after(NOTHING_TOLD, answer)]
    texts = {"stream_start": "", "stream_chunk": "{content}", "stream_reset": "", "stream_end": ""}
    return in_order(texts.get(event, f"<{event} {{callId}}>").format_map(data) for event, data in frames)


@given(st.lists(EVENTS, max_size=40))
@example(["a", "<tell>", "b", "<part>", "<cut>", "c", "<tell>", "<resume>"])
@example(["a", "<cut>", "<part>", "c", "<tell>", "<resume>"])
@example(["a", "<tell>", "b", "<change>", "<cut>", "<tell>", "<resume>"])
@example(["aaa", "<tell>", "<retry>", "b", "<cut>", "b", "<tell>", "bb", "<tell>", "<resume>"])
@example(["aa", "<tell>", "<cut>", "<retry>", "bbb", "<resume>"])
@example(["a", "<tell>", "<cut>", "<anew>", "bb", "<tell>", "<resume>"])
@example(["a", "<anew>", "<read>", "<tell>", "<cut>"])
@example(["a", "<part>", "b", "<tell>", "<anew>", "c"])
@example(["a", "<part>", "b", "<cut>", "<anew>", "c", "<tell>"])
@settings(max_examples=300)
def test_text_and_calls_have_no_gap_and_no_repeat(events: list[str]) -> None:
    async def play() -> None:
        wire = Wire()
        for event in events:
            wire.happen(event)
            said = [wire.earlier.get(wire.client.attempt, wire.answer.answer), *wire.taken_back]
            assert any(text.startswith(wire.client.text) for text in said)
        wire.end()
        assert await heard(wire.client) == said_by_the_api(wire.answer)
        assert wire.client.text == wire.answer.answer

    asyncio.run(play())


async def test_what_is_missing_at_the_end_is_the_last_piece() -> None:
    turn = Turn("t")
    turn.take({"part": 0, "offset": 0, "next_offset": 2, "content": "ab"})
    turn.take({"part": 0, "offset": 3, "next_offset": 4, "content": "d"})
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "is_estimated": True}
    turn.finish({"state": "completed", "finish_reason": FinishReason.STOP, "fullResponse": "abcd", "usage": usage})

    assert [piece async for piece in turn] == ["ab", "cd"]
