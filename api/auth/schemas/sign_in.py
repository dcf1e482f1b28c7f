"""The steps of a sign-in after the password."""

from typing import Self

from pydantic import model_validator

from api.schemas.envelope import Body
from api.schemas.fields import Code, FlowId
from api.schemas.step_up import SecondFactorBody


class DeviceCodeRequest(Body):
    flow_id: FlowId
    code: Code


class DeviceResendRequest(Body):
    flow_id: FlowId


class SecondFactorRequest(SecondFactorBody):
    """One of `otp` and `recovery_code`. With neither there is nothing to judge, so no attempt is used up."""

    flow_id: FlowId
    trust_device: bool = False

    @model_validator(mode="after")
    def _given(self) -> Self:
        if not self.second.is_given:
            raise ValueError("one of otp and recovery_code must be given")
        return self
