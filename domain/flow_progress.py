"""Where a flow stands: its state, what it waits for, and the leg in which that is proved."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from domain.codes import CodeLeg
from domain.errors import DecodeError, WrongCode, WrongStep
from domain.flows import FlowKind, FlowState, FlowView, NextStep, refusal_of

MAILED = (NextStep.EMAIL_CODE, NextStep.DEVICE_CODE)
"""Steps whose code can be sent again, unless the flow says otherwise."""


@dataclass
class Progress:
    """One leg after the other, each with a life, tries and resends of its own."""

    flow_id: str
    kind: FlowKind
    leg: CodeLeg
    next: NextStep
    state: FlowState = FlowState.WAITING
    resends: Collection[NextStep] = MAILED

    @property
    def refusal(self) -> type[DecodeError] | None:
        """Why no further step is taken; None while the flow is open."""
        return refusal_of(self.state)

    def judge_turn(self, step: NextStep) -> type[DecodeError] | None:
        """Why this step is not taken now."""
        return self.refusal or (None if self.next is step else WrongStep)

    def go_on(self, step: NextStep, at: datetime) -> None:
        """Prove something else next, with a new life and new tries."""
        self.leg.is_proved = True
        self.next = step
        self.leg = CodeLeg(at, self.leg.life, ends_at=self.leg.ends_at)

    def count_wrong(self) -> type[DecodeError]:
        """The attempt was counted before the check; here the flow locks when it was the last one."""
        if self.leg.attempts_left == 0:
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
            expires_at=self.leg.expires_at if is_waiting else None,
            attempts_left=self.leg.attempts_left,
            resend_available_at=self.leg.resend_available_at if is_mailed else None,
        )
