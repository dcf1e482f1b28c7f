"""Verification of the journal, as those who may verify it see it."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from api.schemas.envelope import View
from api.schemas.step_up import StepUpBody
from domain.flows import FlowState
from workflows.operations.audit_verify import VerifyReport

Number = Annotated[int, Field(ge=1, le=2**53 - 1, strict=True)]


class VerifyRequest(StepUpBody):
    """The numbers to verify; by default from the oldest to the newest."""

    from_: Number | None = Field(default=None, alias="from")
    to: Number | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ and self.to and self.from_ > self.to:
            raise ValueError("`from` must not be larger than `to`")
        return self


class VerificationView(View):
    """`checked` entries and `checkpoints_ok` are as they were written. All but the state is null until it is known."""

    state: FlowState
    ok: bool | None
    first_broken_seq: int | None
    reason: str | None
    checked: int | None
    checkpoints_ok: int | None

    @classmethod
    def of(cls, report: VerifyReport) -> "VerificationView":
        found = report.found
        return cls(
            state=report.state,
            ok=found.ok if found else None,
            first_broken_seq=found.first_broken if found else None,
            reason=found.reason if found else None,
            checked=found.checked if found else None,
            checkpoints_ok=found.checkpoints if found else None,
        )
