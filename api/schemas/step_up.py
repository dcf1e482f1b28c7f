"""Proofs that travel in the body of a sensitive request."""

from typing import Annotated

import fastapi

from api.schemas.envelope import Body, View
from api.schemas.fields import Otp, Password, RecoveryCode, Timestamp
from domain.auth.sessions import StepUpProofs
from domain.auth.two_factor import SecondFactorProof


class SecondFactorBody(Body):
    """One of the two, where the account has a second factor."""

    otp: Otp | None = None
    recovery_code: RecoveryCode | None = None

    @property
    def second(self) -> SecondFactorProof:
        return SecondFactorProof(self.otp, self.recovery_code)


class StepUpBody(SecondFactorBody):
    """Any proof, or none if the session has given one lately."""

    current_password: Password | None = None

    @property
    def proofs(self) -> StepUpProofs:
        return StepUpProofs(self.current_password, self.second)


class SteppedUp(View):
    stepped_up_until: Timestamp


OptionalStepUp = Annotated[StepUpBody, fastapi.Body(default_factory=StepUpBody)]
"""For routes whose body may be missing."""
