"""How turns end: by their last round, by their user, by a limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


# What has become of a turn. No docstrings on the enums here: Pydantic shows them.
class TurnState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING_APPROVAL = "waiting_approval"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        """Whether the turn goes on."""
        return self in (TurnState.QUEUED, TurnState.RUNNING, TurnState.WAITING_APPROVAL)


# Why a turn ended as it did. `stop`: the model was done.
class FinishReason(StrEnum):
    STOP = "stop"
    LENGTH = "length"
    TOOL_LIMIT = "tool_limit"
    TIMEOUT = "timeout"
    STOPPED = "stopped"
    ERROR = "error"


class RoundEnd(StrEnum):
    """How a call of a model ended. A round that ended with DONE, CALLS or CUT is over; of the others another try may
    follow.
    """

    DONE = "done"
    CALLS = "calls"
    """It asks for tools: another round follows."""
    CUT = "cut"
    """At the longest that the model may say."""
    STOPPED = "stopped"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    UNUSABLE = "unusable"
    """Another try at this model does not help."""
    BUSY = "busy"
    """No slot of ours for this model became free in time."""
    TOO_LONG = "too_long"
    """Not even the newest half of the conversation fits this model."""
    BUDGET_SPENT = "budget_spent"

    @property
    def is_over(self) -> bool:
        """Whether the model has said all that it says in this round."""
        return self in (RoundEnd.DONE, RoundEnd.CALLS, RoundEnd.CUT)

    @property
    def is_left_to_others(self) -> bool:
        """Whether another try, or another model, may still answer."""
        return self in (RoundEnd.UNAVAILABLE, RoundEnd.UNUSABLE, RoundEnd.BUSY, RoundEnd.TOO_LONG)


# Names of failures, as clients see them: those of errors in domain/assistant/errors.py.
class TurnFailure(StrEnum):
    MODEL_UNAVAILABLE = "ModelUnavailable"
    CONTENT_REFUSED = "ContentRefused"
    CONTEXT_TOO_LONG = "ContextTooLong"
    BUDGET_SPENT = "TokenBudgetSpent"


@dataclass(frozen=True)
class TurnEnd:
    """How a turn ends. `failure`: only if it has said nothing that stays."""

    finish_reason: FinishReason
    failure: TurnFailure | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the model was done, or at the longest that it may say."""
        return self.finish_reason in (FinishReason.STOP, FinishReason.LENGTH)

    def after_stop(self) -> "TurnEnd":
        """Return how this is ended by a stop that was asked for before."""
        return self if self.is_whole else STOPPED

    def state(self, *, has_said: bool) -> TurnState:
        """Return the state at the end. What was said in time stays; a turn that has said nothing has failed."""
        if self.finish_reason is FinishReason.STOPPED:
            return TurnState.STOPPED
        if self.failure or (self.finish_reason is FinishReason.TIMEOUT and not has_said):
            return TurnState.FAILED
        return TurnState.COMPLETED


STOPPED = TurnEnd(FinishReason.STOPPED)
TOO_MANY_CALLS = TurnEnd(FinishReason.TOOL_LIMIT)
UNAVAILABLE = TurnEnd(FinishReason.ERROR, TurnFailure.MODEL_UNAVAILABLE)
TIMED_OUT = TurnEnd(FinishReason.TIMEOUT)


ENDS: Mapping[RoundEnd, TurnEnd] = {
    RoundEnd.DONE: TurnEnd(FinishReason.STOP),
    RoundEnd.CUT: TurnEnd(FinishReason.LENGTH),
    RoundEnd.STOPPED: STOPPED,
    RoundEnd.REFUSED: TurnEnd(FinishReason.ERROR, TurnFailure.CONTENT_REFUSED),
    RoundEnd.UNAVAILABLE: UNAVAILABLE,
    RoundEnd.UNUSABLE: UNAVAILABLE,
    RoundEnd.BUSY: UNAVAILABLE,
    RoundEnd.TOO_LONG: TurnEnd(FinishReason.ERROR, TurnFailure.CONTEXT_TOO_LONG),
    RoundEnd.BUDGET_SPENT: TurnEnd(FinishReason.ERROR, TurnFailure.BUDGET_SPENT),
}
"""How a turn ends with its last round."""


def last_ending(endings: Sequence[RoundEnd]) -> RoundEnd:
    """Return how a round has ended for which several models were asked, one after the other. Where the last has no room
    for it, one that was down or busy may answer it later.
    """
    later = (each for each in endings if each in (RoundEnd.UNAVAILABLE, RoundEnd.BUSY))
    return next(later, RoundEnd.TOO_LONG) if endings[-1] is RoundEnd.TOO_LONG else endings[-1]
