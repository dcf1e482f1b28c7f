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
DONE = {"TurnClosed", "ApprovalClosed"}
"""How a question is refused that had its effect before."""

Json = dict[str, Any]


@dataclass(eq=False)
class Question:
    """A message to the assistant. `answered_by`: the event of its answer; `pong` where it has none of its own.
    `is_repeated`: it may have been sent before, by the app or on a connection that was lost.
    """

    event: str
    data: Json
    answered_by: str
    on_answer: Callable[[Json], None]
    on_refusal: Callable[[DecodeError], None]
    is_repeated: bool = False
    is_sent: bool = False
    refusal: DecodeError | None = None

    @property
    def is_call(self) -> bool:
        """Whether its answer comes when a tool has ended, which may be long after those to later questions."""
        return self.answered_by == "tool_result"

    @property
    def settled_by(self) -> str:
        """The event that comes in its turn. Where that is `pong`, a ping follows the question."""
        return "pong" if self.is_call else self.answered_by

    def frames(self) -> Sequence[str]:
        """Return what is sent. Raises DecodeError if that is more than the API takes."""
        frame = json.dumps({"event": self.event, "data": self.data}, ensure_ascii=False)
        if len(frame.encode()) > MAX_FRAME_BYTES:
            raise DecodeError("InvalidInput", "the message is too long", status=0)
        return [frame, '{"event":"ping"}'] if self.settled_by == "pong" else [frame]


class Questions:
    """The questions on one connection. The API answers them one after the other, in the order in which it got them, but
    for the results of calls, which are named.
    """

    def __init__(self) -> None:
        self._open: deque[Question] = deque()
        self._calls: list[Question] = []

    def put(self, question: Question) -> None:
        """Take that a question is sent now."""
        question.is_repeated, question.is_sent = question.is_repeated or question.is_sent, True
        question.refusal = None
        self._open.append(question)
        if question.is_call:
            self._calls.append(question)

    def answer(self, event: str, data: Json) -> Question | None:
        """Take a frame. Return the question that it settles, if any."""
        refusal = refusal_in(event, data)
        if "callId" in data:
            return self._end_call(data["callId"], refusal)
        if not self._open:
            return None
        question = self._open[0]
        # What was asked before had its effect, though its answer was lost.
        was_done = question.is_repeated and refusal is not None and refusal.error in DONE
        question.refusal = question.refusal or (None if was_done else refusal)
        is_refused_at_once = refusal is not None and question.settled_by != "pong"
        if event != question.settled_by and not is_refused_at_once:
            return None
        self._open.popleft()
        return self._refused_call(question) if question.is_call else question

    def _end_call(self, call_id: str, refusal: DecodeError | None) -> Question | None:
        question = next((each for each in self._calls if each.data["callId"] == call_id), None)
        if question:
            self._calls.remove(question)
            question.refusal = refusal
        return question

    def _refused_call(self, question: Question) -> Question | None:
        """Return a call that was not taken; of any other the result comes, or has come."""
        if question not in self._calls or not question.refusal:
            return None
        self._calls.remove(question)
        return question


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
