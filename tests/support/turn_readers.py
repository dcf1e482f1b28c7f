"""Clients of a chat in tests, who check all that they hear of its turns."""

import json
from dataclasses import dataclass, field
from typing import Any

from api.assistant.gateway.chat_socket import ChatSocket
from domain.assistant.positions import Position


@dataclass
class Reader:
    """A client of the chat. `texts`: of each attempt that it heard, from where it began; `ends`: how turns ended."""

    socket: ChatSocket
    paused: bool = False
    began: dict[tuple[str, int], Position] = field(default_factory=dict)
    texts: dict[tuple[str, int], str] = field(default_factory=dict)
    positions: dict[tuple[str, int], Position] = field(default_factory=dict)
    ends: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)

    def take(self, event: str, data: dict[str, Any]) -> None:
        """Take a frame. Fails for a gap, a repeat, or text after the end."""
        turn_id = str(data.get("turn_id"))
        if event == "stream_start":
            self.attempts[turn_id] = data["attempt"]
            self.begin(turn_id, data["attempt"], Position())
            return
        key = (turn_id, self.attempts[turn_id])
        assert key not in self.ends, "a turn goes on after its end"
        if event == "stream_reset":
            self._forget(key, data["part"])
            return
        if event != "stream_chunk":
            self.ends[key] = data
            return
        at = Position(data["part"], data["offset"])
        assert at == self.positions[key], "a gap or a repeat"
        self.texts[key] += data["content"]
        self.positions[key] = Position(data["part"], data["next_offset"])

    def _forget(self, key: tuple[str, int], part: int) -> None:
        """Forget what was said: there is text in one part alone."""
        assert part == self.positions[key].part, "a reset of another part"
        self.texts[key] = ""
        self.began[key] = self.positions[key] = Position(part + 1)

    def begin(self, turn_id: str, attempt: int, at: Position) -> None:
        """Expect the text of an attempt from here on."""
        self.attempts[turn_id] = attempt
        key = (turn_id, attempt)
        self.began[key] = self.positions[key] = at
        self.texts[key] = ""
        self.ends.pop(key, None)


def parsed(frame: bytes) -> tuple[str, dict[str, Any]]:
    """Return event and data of a frame as a server writes it: unmasked text (RFC 6455, section 5.2)."""
    length = frame[1]
    head = 2 if length < 126 else 4 if length == 126 else 10
    found = json.loads(frame[head:])
    return found["event"], found["data"]
