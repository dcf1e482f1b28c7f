"""Look at a flow, or end it."""

from collections.abc import Mapping

from fastapi import APIRouter, Response

from api.answers import answer
from api.deps import FlowOwner, Flows, Now, Repeatable
from api.errors import DEVICE_ERRORS, FLOW_ERRORS, problems
from api.flows import Update
from api.limits import std
from api.schemas.envelope import Answer, NoFields
from api.schemas.flows import Flow
from domain.errors import FlowClosed, FlowNotFound, WrongStep
from domain.flows import FlowKind, FlowState, parse_flow_kind
from workflows.email_change import EmailChange
from workflows.flows import FlowAnswer, FlowStep
from workflows.password_reset import PasswordReset
from workflows.registration import Registration
from workflows.sign_in import SignIn
from workflows.username_change import UsernameChange

CANCELS: Mapping[FlowKind, Update[FlowStep, FlowAnswer]] = {
    FlowKind.REGISTRATION: Registration.cancel,
    FlowKind.SIGN_IN: SignIn.cancel,
    FlowKind.PASSWORD_RESET: PasswordReset.cancel,
    FlowKind.USERNAME_CHANGE: UsernameChange.cancel,
    FlowKind.EMAIL_CHANGE: EmailChange.cancel,
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
    responses=problems(*FLOW_ERRORS, WrongStep, *DEVICE_ERRORS, has_body=True),
)
async def cancel(
    flow_id: str, flows: Flows, owner: FlowOwner, now: Now, repeat: Repeatable, body: NoFields | None = None
) -> Response:
    """End an open flow. Cancelling a cancelled flow is no error. What a signed-in person began, only they can end.
    Nothing cancels the way back to an old mail address.
    """
    kind, step = parse_flow_kind(flow_id), FlowStep(now, body_hash="")
    if kind not in CANCELS:
        raise WrongStep
    try:
        await flows.ask(flow_id, CANCELS[kind], step, kind=kind, update_id=repeat.request, owner=owner)
    except FlowClosed:
        if (await flows.look(flow_id)).state is not FlowState.CANCELLED:
            raise
    return answer(Flow.of(await flows.look(flow_id)), "Flow cancelled")
