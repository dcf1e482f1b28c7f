"""What the answer of a flow means to the caller: granted, or the refusal that it names."""

from datetime import UTC, datetime
from typing import Protocol, TypeVar

from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from domain.error_codes import error_named
from domain.errors import IdempotencyKeyReused, RateLimited, ResendTooSoon, WrongCode
from domain.flows import FlowView

SLOT_RETRY_AFTER_SECONDS = 60
"""A registration gives its place back when it is proved, or in ten minutes; which of the two is not known."""


class FlowReply(Protocol):
    """What every answer of a flow says besides its own fields; `refusal` names a class of domain/errors.py."""

    @property
    def view(self) -> FlowView: ...
    @property
    def body_hash(self) -> str: ...
    @property
    def refusal(self) -> str | None: ...


class HasBodyHash(Protocol):
    @property
    def body_hash(self) -> str: ...


Answer = TypeVar("Answer", bound=FlowReply)


def granted(answer: Answer, ask: HasBodyHash) -> Answer:
    """The answer, unless it refuses. Raises the refusal, or IdempotencyKeyReused for an answer to another body."""
    if answer.body_hash != ask.body_hash:
        raise IdempotencyKeyReused
    if answer.refusal is None:
        return answer
    refusal = error_named(answer.refusal)
    if refusal is WrongCode:
        raise WrongCode(details={"attempts_left": answer.view.attempts_left})
    if refusal is RateLimited:
        raise RateLimited(retry_after=SLOT_RETRY_AFTER_SECONDS)
    if refusal is ResendTooSoon:
        raise ResendTooSoon(retry_after=_seconds_until(answer.view.resend_available_at))
    raise refusal


def failure_named_by(error: WorkflowUpdateFailedError) -> Exception:
    """The refusal that a failed update names; the error itself where it names none."""
    cause = error.cause
    return error_named(cause.type or "")() if isinstance(cause, ApplicationError) else error


def _seconds_until(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    return max(1, round((moment - datetime.now(UTC)).total_seconds()))
