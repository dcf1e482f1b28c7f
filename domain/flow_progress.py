"""Progress of a flow: its state, the step it waits for, and the code challenge of that step."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from domain.codes import CodeChallenge
from domain.errors import DecodeError, FlowClosed, WrongCode, WrongStep
from domain.flows import FlowKind, FlowState, FlowView, NextStep, refusal_for_cancel, refusal_for_state

MAILED_STEPS = (NextStep.EMAIL_CODE, NextStep.DEVICE_CODE)
"""Steps whose code can be resent by default."""


@dataclass
class FlowProgress:
    """A flow's state and its current step `next`. Each step has a challenge of its own, with its own lifetime, attempts
    and resends. `resends`: the steps whose code can be resent. `cancelled_by`: the id of the request that cancelled it.
    """

    flow_id: str
    kind: FlowKind
    challenge: CodeChallenge
    next: NextStep
    state: FlowState = FlowState.WAITING
    resends: Collection[NextStep] = MAILED_STEPS
    cancelled_by: str | None = None

    @property
    def refusal(self) -> type[DecodeError] | None:
        """The error for any further step; None while the flow is open."""
        return refusal_for_state(self.state)

    def refusal_for_step(self, step: NextStep) -> type[DecodeError] | None:
        """Return the error for taking this step now: the flow is closed, or WrongStep; None when it may be taken."""
        return self.refusal or (None if self.next is step else WrongStep)

    def start_step(self, step: NextStep, at: datetime) -> None:
        """Mark the current challenge as proved and wait for `step` next, with a new challenge from `at` on."""
        self.challenge.is_proved = True
        self.next = step
        self.challenge = CodeChallenge(at, self.challenge.ttl, ends_at=self.challenge.ends_at)

    def lock_if_exhausted(self) -> type[DecodeError]:
        """Lock the flow if the failed attempt was the last one. Returns WrongCode.

        The attempt was counted before the check.
        """
        if self.challenge.attempts_left == 0:
            self.state = FlowState.LOCKED
        return WrongCode

    def cancel(self, request_id: str | None = None) -> type[DecodeError] | None:
        """Cancel the flow if it is open; otherwise return the error that says why not, None if it was cancelled.

        `request_id`: of the request that cancels it, None where another flow does.
        """
        refusal = refusal_for_cancel(self.state)
        if self.state.is_open:
            self.state, self.cancelled_by = FlowState.CANCELLED, request_id
        return refusal

    def void(self) -> type[DecodeError]:
        """End the flow, since all sessions of its account have been ended since it began. Returns FlowClosed."""
        self.state = FlowState.FAILED
        return FlowClosed

    def view(self) -> FlowView:
        """Return the flow as clients see it; step and deadlines only while it waits."""
        is_waiting = self.state is FlowState.WAITING
        is_mailed = is_waiting and self.next in self.resends
        return FlowView(
            flow_id=self.flow_id,
            kind=self.kind,
            state=self.state,
            next=self.next if is_waiting else None,
            expires_at=self.challenge.expires_at if is_waiting else None,
            attempts_left=self.challenge.attempts_left,
            resend_available_at=self.challenge.resend_available_at if is_mailed else None,
        )
