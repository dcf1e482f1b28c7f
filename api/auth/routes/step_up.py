"""Step-up authentication: opens the sensitive routes to this session for ten minutes."""

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import device_strict
from api.deps import DeviceCallerDep, NowDep, StepUpDep
from api.http.errors import DEVICE_ERRORS, STEP_UP_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.step_up import SteppedUp, StepUpBody
from domain.auth.sessions import STEP_UP_TTL
from domain.errors import Overloaded
from domain.users.permissions import Need, Permission

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post(
    "/step-up",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.DEVICE), device_strict],
    response_model=Answer[SteppedUp],
    responses=error_responses(*DEVICE_ERRORS, *STEP_UP_ERRORS, Overloaded, has_body=True),
)
async def step_up(body: StepUpBody, caller: DeviceCallerDep, gate: StepUpDep, now: NowDep) -> Response:
    """Prove again who the caller is, for sensitive routes without a body and for clients that ask once."""
    await gate.require_now(caller, body.proofs)
    return success_response(SteppedUp(stepped_up_until=now + STEP_UP_TTL), "Stepped up")
