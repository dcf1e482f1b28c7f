"""Changing a password, and getting back in without it."""

from api.schemas.envelope import Body
from api.schemas.fields import Code, FlowId, Identifier, Password
from api.schemas.step_up import SecondFactorBody
from domain.auth.sessions import StepUpProofs


class ChangePasswordRequest(SecondFactorBody):
    """`old_password` is the step-up at the same time."""

    old_password: Password
    new_password: Password

    @property
    def proofs(self) -> StepUpProofs:
        return StepUpProofs(self.old_password, self.second)


class ForgotPasswordRequest(Body):
    email_or_username: Identifier


class ForgotPasswordCodeRequest(Body):
    flow_id: FlowId
    code: Code


class NewPasswordRequest(SecondFactorBody):
    flow_id: FlowId
    code: Code
    new_password: Password
