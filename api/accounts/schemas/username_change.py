"""Changing one's username."""

from api.auth.schemas.step_up import StepUpBody
from api.schemas.envelope import Body
from api.schemas.fields import Code, FlowId, Username


class UsernameChangeRequest(StepUpBody):
    new_username: Username


class UsernameChangeCodeRequest(Body):
    flow_id: FlowId
    code: Code
