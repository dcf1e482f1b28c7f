"""Translates a flow's reply into a result or the error that it names."""

from datetime import UTC, datetime
from typing import Protocol, TypeVar

from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from domain.error_codes import error_named
from domain.errors import IdempotencyKeyReused, RateLimited, ResendTooSoon, WrongCode
from domain.flows import FlowView

SLOT_RETRY_AFTER_SECONDS = 60
"""A registration frees its slot when it is verified, or after ten minutes; when exactly is not known in advance."""


class FlowReply(Protocol):
    """Fields common to all replies of flows."""

    @property
    def view(self) -> FlowView:
        """The flow after the step."""

    @property
    def body_hash(self) -> str:
        """The body hash of the request that this replies to."""

    @property
    def refusal(self) -> str | None:
        """The name of an error class, as `error_named` takes it; None for success."""


class HasBodyHash(Protocol):
    """A command that carries the hash of its request's body."""

    @property
    def body_hash(self) -> str:
        """Keyed hash of the request's body."""


Answer = TypeVar("Answer", bound=FlowReply)


def granted(answer: Answer, ask: HasBodyHash) -> Answer:
    """Return the reply if it grants the request.

    Raises the refusal that it names, or IdempotencyKeyReused if it replies to another body.
    """
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
    """Return the error that a failed update names, or the failure itself if it names none."""
    cause = error.cause
    return error_named(cause.type or "")() if isinstance(cause, ApplicationError) else error


def _seconds_until(moment: datetime | None) -> int | None:
    """Return the seconds until `moment`, at least one."""
    if moment is None:
        return None
    return max(1, round((moment - datetime.now(UTC)).total_seconds()))
