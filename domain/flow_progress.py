"""Where a flow stands: its state, what it waits for, and the leg in which that is proved."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from domain.codes import CodeChallenge
from domain.errors import DecodeError, WrongCode, WrongStep
from domain.flows import FlowKind, FlowState, FlowView, NextStep, refusal_for_state

MAILED_STEPS = (NextStep.EMAIL_CODE, NextStep.DEVICE_CODE)
"""Steps whose code can be sent again, unless the flow says otherwise."""


@dataclass
class FlowProgress:
    """One leg after the other, each with a life, tries and resends of its own."""

    flow_id: str
    kind: FlowKind
    challenge: CodeChallenge
    next: NextStep
    state: FlowState = FlowState.WAITING
    resends: Collection[NextStep] = MAILED_STEPS

    @property
    def refusal(self) -> type[DecodeError] | None:
        """Why no further step is taken; None while the flow is open."""
        return refusal_for_state(self.state)

    def refusal_for_step(self, step: NextStep) -> type[DecodeError] | None:
        """Why this step is not taken now."""
        return self.refusal or (None if self.next is step else WrongStep)

    def start_step(self, step: NextStep, at: datetime) -> None:
        """Prove something else next, with a new life and new tries."""
        self.challenge.is_proved = True
        self.next = step
        self.challenge = CodeChallenge(at, self.challenge.ttl, ends_at=self.challenge.ends_at)

    def lock_if_exhausted(self) -> type[DecodeError]:
        """The attempt was counted before the check; here the flow locks when it was the last one."""
        if self.challenge.attempts_left == 0:
            self.state = FlowState.LOCKED
        return WrongCode

    def cancel(self) -> type[DecodeError] | None:
        """End the flow, if it is open still."""
        refusal = self.refusal
        if refusal is None:
            self.state = FlowState.CANCELLED
        return refusal

    def view(self) -> FlowView:
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
