"""What a client asks on a socket, and which answer belongs to what."""

import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from decode_client.errors import DecodeError

RATE_LIMITED = 429
MAX_FRAME_BYTES = 64 * 1024
"""The API closes a connection on which a longer one comes (docs/asyncapi.yaml, 1009)."""

Json = dict[str, Any]


@dataclass(eq=False)
class Question:
    """A message to the assistant. `answered_by`: the event of its answer; `pong` where it has none of its own, then a
    ping follows it. `is_repeated`: it may have been sent before, by the app or on a connection that was lost.
    """

    event: str
    data: Json
    answered_by: str
    on_answer: Callable[[Json], None]
    on_refusal: Callable[[DecodeError], None]
    is_repeated: bool = False
    is_sent: bool = False
    refusal: DecodeError | None = None

    def frames(self) -> Sequence[str]:
        """Return what is sent. Raises DecodeError if that is more than the API takes."""
        frame = json.dumps({"event": self.event, "data": self.data}, ensure_ascii=False)
        if len(frame.encode()) > MAX_FRAME_BYTES:
            raise DecodeError("InvalidInput", "the message is too long", status=0)
        return [frame, '{"event":"ping"}'] if self.answered_by == "pong" else [frame]


class Questions:
    """The questions on one connection. The API answers them one after the other, in the order in which it got them."""

    def __init__(self) -> None:
        self._open: deque[Question] = deque()

    def put(self, question: Question) -> None:
        """Take that a question is sent now."""
        question.is_repeated, question.is_sent = question.is_repeated or question.is_sent, True
        question.refusal = None
        self._open.append(question)

    def answer(self, event: str, data: Json) -> Question | None:
        """Take a frame. Return the question that it settles, if any."""
        if not self._open:
            return None
        question, refusal = self._open[0], refusal_in(event, data)
        # What was asked before had its effect, though its answer was lost.
        was_done = question.is_repeated and refusal is not None and refusal.error == "TurnClosed"
        question.refusal = question.refusal or (None if was_done else refusal)
        is_refused_at_once = refusal is not None and question.answered_by != "pong"
        return self._open.popleft() if event == question.answered_by or is_refused_at_once else None


def refusal_in(event: str, data: Json) -> DecodeError | None:
    """Return what a frame refuses. Nothing is answered over HTTP: but for the limit, its status is 0."""
    if event == "rate_limit":
        return DecodeError("RateLimited", data["message"], status=RATE_LIMITED, retry_after=data["retryAfter"])
    return DecodeError(data["error"], data["message"], status=0, details=data) if event == "error" else None


def end_in(event: str, data: Json) -> DecodeError | None:
    """Return how a frame says that the chat has ended, if it does."""
    if event not in ("session_expired", "session_destroyed"):
        return None
    error, message = ENDS.get(data["reason"], ENDS["idle"])
    return DecodeError(error, message, status=0, details=data)


ENDS = {
    "idle": ("ChatExpired", "the chat has ended, as nothing was said for a while"),
    "grace": ("ChatExpired", "the chat has ended, as its user was away"),
    "evicted": ("ChatExpired", "the chat has ended, as there were too many"),
    "deleted": ("ChatNotFound", "the chat was deleted"),
}
