"""The steps of a sign-in after the password."""

from api.schemas.envelope import Body
from api.schemas.fields import Code, FlowId
from api.schemas.step_up import SecondFactorBody


class DeviceCodeRequest(Body):
    flow_id: FlowId
    code: Code


class DeviceResendRequest(Body):
    flow_id: FlowId


class SecondFactorRequest(SecondFactorBody):
    """One of `otp` and `recovery_code`."""

    flow_id: FlowId
    trust_device: bool = False
