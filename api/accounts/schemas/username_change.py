"""Changing one's username."""

from api.schemas.envelope import Body
from api.schemas.fields import Code, FlowId, Username
from api.schemas.step_up import StepUpBody


class UsernameChangeRequest(StepUpBody):
    new_username: Username


class UsernameChangeCodeRequest(Body):
    flow_id: FlowId
    code: Code
