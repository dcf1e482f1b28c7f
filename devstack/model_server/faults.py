"""What can go wrong with an answer, and where."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class ScriptPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FaultKind(StrEnum):
    # Before the first byte, or amid the answer if `after` is given.
    HANG = "hang"
    RESET = "reset"
    # In place of the answer. The second is an overlong prompt as llama.cpp refuses it, on both wires.
    STATUS = "status"
    CONTEXT_TOO_LONG = "context_too_long"
    LLAMA_CONTEXT_TOO_LONG = "llama_context_too_long"
    # Amid the answer. An error event ends it in order, half a line by closing; after garbage it goes on.
    ERROR_EVENT = "error_event"
    HALF_LINE = "half_line"
    NOT_SSE = "not_sse"
    NOT_JSON = "not_json"
    # The whole of the answer: each byte, or the bytes of each character, in packets of their own.
    DRIP = "drip"
    SPLIT_UTF8 = "split_utf8"
    # Of a stream alone: without `[DONE]` or `message_stop`; with its text again and again.
    NO_END = "no_end"
    ENDLESS = "endless"


AMID = (FaultKind.ERROR_EVENT, FaultKind.HALF_LINE, FaultKind.NOT_SSE, FaultKind.NOT_JSON)


class Fault(ScriptPart):
    """`after`: how many pieces come first; a shorter answer has it at its end. `retry_after` is sent as it is."""

    kind: FaultKind
    after: int | None = Field(default=None, ge=0)
    status: int | None = Field(default=None, ge=400, le=599)
    retry_after: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.kind is FaultKind.STATUS) != (self.status is not None):
            raise ValueError("a status belongs to the fault `status`, which needs one")
        if self.retry_after is not None and self.status is None:
            raise ValueError("retry_after belongs to the fault `status`")
        if self.after is not None and self.kind not in (*AMID, FaultKind.HANG, FaultKind.RESET):
            raise ValueError(f"the fault `{self.kind}` has no place: leave out `after`")
        return self

    @property
    def place(self) -> int | None:
        """The piece before which it strikes; None for a fault without a place and for one before the first byte."""
        return self.after or 0 if self.kind in AMID else self.after
