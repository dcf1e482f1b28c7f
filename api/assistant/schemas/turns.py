"""Messages, turns and histories as their users see them."""

from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, Field, StringConstraints

from api.assistant.schemas.approvals import TurnCallView
from api.schemas.envelope import Body, View
from api.schemas.fields import Timestamp, Unicode, worded
from api.schemas.paging import ListQuery
from domain.assistant.history import MAX_HISTORY, HistoryMessage, HistoryPage, MessageRole
from domain.assistant.positions import START, PartFrom, Position, parts_from
from domain.assistant.turn_ends import FinishReason, TurnFailure, TurnState
from domain.assistant.turns import MAX_TEXT_LENGTH, PartKind, Turn, TurnMode, Usage

MAX_OFFSET = 2**31 - 1


MessageText = Annotated[Unicode, StringConstraints(min_length=1, max_length=MAX_TEXT_LENGTH), AfterValidator(worded)]


class SendMessageRequest(Body):
    """`mode`: what happens while another message is answered. `interrupt`: its answer is stopped, and those that wait
    end `stopped`.
    """

    text: MessageText
    mode: TurnMode = Field(TurnMode.QUEUE, strict=False)


class UsageView(View):
    prompt_tokens: int
    completion_tokens: int
    is_estimated: bool

    @classmethod
    def of(cls, usage: Usage) -> "UsageView":
        return cls(
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            is_estimated=usage.is_estimated,
        )


class PartView(View):
    """A part from `offset` on, in UTF-8 bytes. Ask from `next_offset` for what comes later. `call`: of a part that is
    the call of a tool. `is_dropped`: what was said in it does not count any more, a later part begins anew.
    """

    part: int
    kind: PartKind
    offset: int
    next_offset: int
    content: str
    is_whole: bool
    is_dropped: bool
    call: TurnCallView | None

    @classmethod
    def of(cls, cut: PartFrom, turn: Turn) -> "PartView":
        call = turn.calls.get(cut.part.call_id) if cut.part.call_id else None
        return cls(
            part=cut.number,
            kind=cut.part.kind,
            offset=cut.offset,
            next_offset=cut.next_offset,
            content=cut.part.text,
            is_whole=cut.part.is_whole,
            is_dropped=cut.part.is_dropped,
            call=TurnCallView.of(call) if call else None,
        )


class TurnView(View):
    turn_id: str
    chat_id: str
    seq: int
    state: TurnState
    attempt: int
    parts: list[PartView]
    model: str | None
    finish_reason: FinishReason | None
    failure: TurnFailure | None
    usage: UsageView
    asked_at: Timestamp
    ended_at: Timestamp | None

    @classmethod
    def of(cls, turn: Turn, position: Position = START) -> "TurnView":
        return cls(
            turn_id=turn.turn_id,
            chat_id=turn.chat_id,
            seq=turn.seq,
            state=turn.state,
            attempt=turn.attempt,
            parts=[PartView.of(cut, turn) for cut in parts_from(turn.parts, position)],
            model=turn.model,
            finish_reason=turn.finish_reason,
            failure=turn.failure,
            usage=UsageView.of(turn.usage),
            asked_at=turn.asked_at,
            ended_at=turn.ended_at,
        )


class SentMessage(View):
    """`ahead`: how many turns of the chat come before this one."""

    turn: TurnView
    ahead: int


class PositionQuery(ListQuery):
    """`attempt`: the one in which the position is. Of another the whole is shown."""

    attempt: int = Query(1, ge=1, le=MAX_OFFSET)
    part: int = Query(0, ge=0, le=MAX_OFFSET)
    offset: int = Query(0, ge=0, le=MAX_OFFSET)

    def position_in(self, turn: Turn) -> Position:
        """Return from where the answer is wanted."""
        return Position(self.part, self.offset) if self.attempt == turn.attempt else START


class HistoryQuery(ListQuery):
    """`before`: messages with a lower number; without it the newest."""

    before: int | None = Query(None, ge=1, le=MAX_OFFSET)
    limit: int = Query(MAX_HISTORY, ge=1, le=MAX_HISTORY)


class MessageView(View):
    """`content`: empty where nothing was said, or where it can no longer be opened."""

    seq: int
    role: MessageRole
    content: str
    timestamp: Timestamp
    turn_id: str
    state: TurnState

    @classmethod
    def of(cls, message: HistoryMessage) -> "MessageView":
        return cls(
            seq=message.seq,
            role=message.role,
            content=message.content,
            timestamp=message.at,
            turn_id=message.turn_id,
            state=message.state,
        )


class History(View):
    """The newest message comes last; `next_before` is null when there is none before these."""

    messages: list[MessageView]
    next_before: int | None

    @classmethod
    def of(cls, page: HistoryPage) -> "History":
        return cls(messages=[MessageView.of(message) for message in page.messages], next_before=page.next_before)
