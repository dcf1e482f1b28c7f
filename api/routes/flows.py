"""Look at a flow, or end it."""

from collections.abc import Mapping

from fastapi import APIRouter, Response

from api.answers import answer
from api.deps import Flows, Now, Repeatable
from api.errors import problems
from api.flows import Update
from api.limits import std
from api.schemas.envelope import Answer, NoFields
from api.schemas.flows import Flow
from domain.errors import AttemptsExhausted, FlowClosed, FlowExpired, FlowNotFound, IdempotencyKeyReused
from domain.flows import FlowKind, FlowState, parse_flow_kind
from workflows.flows import FlowAnswer, FlowStep
from workflows.password_reset import PasswordReset
from workflows.registration import Registration
from workflows.sign_in import SignIn

CANCELS: Mapping[FlowKind, Update[FlowStep, FlowAnswer]] = {
    FlowKind.REGISTRATION: Registration.cancel,
    FlowKind.SIGN_IN: SignIn.cancel,
    FlowKind.PASSWORD_RESET: PasswordReset.cancel,
}

router = APIRouter(prefix="/flows", tags=["flows"])


@router.get(
    "/{flow_id}",
    dependencies=[std],
    response_model=Answer[Flow],
    responses=problems(FlowNotFound),
)
async def look(flow_id: str, flows: Flows) -> Response:
    """State, deadline and next step of a flow. The id is a secret of 192 bits, known to who started it."""
    return answer(Flow.of(await flows.look(flow_id)), "Flow found")


@router.post(
    "/{flow_id}/cancel",
    dependencies=[std],
    response_model=Answer[Flow],
    responses=problems(FlowNotFound, FlowExpired, FlowClosed, AttemptsExhausted, IdempotencyKeyReused, has_body=True),
)
async def cancel(flow_id: str, flows: Flows, now: Now, repeat: Repeatable, body: NoFields | None = None) -> Response:
    """End an open flow. Cancelling a cancelled flow is no error."""
    kind, step = parse_flow_kind(flow_id), FlowStep(now, body_hash="")
    try:
        await flows.ask(flow_id, CANCELS[kind], step, kind=kind, update_id=repeat.request)
    except FlowClosed:
        if (await flows.look(flow_id)).state is not FlowState.CANCELLED:
            raise
    return answer(Flow.of(await flows.look(flow_id)), "Flow cancelled")
