"""Prove again who you are: opens the sensitive routes to this session for ten minutes."""

from fastapi import APIRouter, Response

from api.access.route_limits import device_strict
from api.auth.deps import StepUp
from api.auth.schemas.step_up import SteppedUp, StepUpBody
from api.deps import DeviceCaller, Now
from api.http.errors import DEVICE_ERRORS, STEP_UP_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from domain.auth.sessions import STEP_UP_LIFE
from domain.errors import Overloaded

router = APIRouter(prefix="/auth", tags=["sessions"])


@router.post(
    "/step-up",
    dependencies=[device_strict],
    response_model=Answer[SteppedUp],
    responses=problems(*DEVICE_ERRORS, *STEP_UP_ERRORS, Overloaded, has_body=True),
)
async def step_up(body: StepUpBody, caller: DeviceCaller, gate: StepUp, now: Now) -> Response:
    """Prove it once, for sensitive routes without a body and for clients that ask once."""
    await gate.require_now(caller, body.proofs)
    return answer(SteppedUp(stepped_up_until=now + STEP_UP_LIFE), "Stepped up")
