"""Look at a flow, or end it."""

from collections.abc import Mapping

from fastapi import APIRouter, Response

from api.access.route_limits import std
from api.deps import FlowOwner, Flows, Now, Repeatable
from api.flows.client import Update
from api.http.errors import DEVICE_ERRORS, FLOW_ERRORS, problems
from api.http.responses import answer
from api.operations.deps import Resources
from api.schemas.envelope import Answer, NoFields
from api.schemas.flows import Flow
from domain.accounts.account_deletion import Deletion, Standing, view_of
from domain.errors import FlowClosed, FlowNotFound, Forbidden, WrongStep
from domain.flows import FlowKind, FlowState, FlowView, parse_flow_kind
from workflows.accounts.account_export import AccountExport
from workflows.accounts.email_change import EmailChange
from workflows.accounts.registration import Registration
from workflows.accounts.username_change import UsernameChange
from workflows.auth.password_reset import PasswordReset
from workflows.auth.sign_in import SignIn
from workflows.flows import FlowAnswer, FlowStep
from workflows.social.follower_snapshots import FollowerSnapshots

CANCELS: Mapping[FlowKind, Update[FlowStep, FlowAnswer]] = {
    FlowKind.REGISTRATION: Registration.cancel,
    FlowKind.SIGN_IN: SignIn.cancel,
    FlowKind.PASSWORD_RESET: PasswordReset.cancel,
    FlowKind.ACCOUNT_EXPORT: AccountExport.cancel,
    FlowKind.USERNAME_CHANGE: UsernameChange.cancel,
    FlowKind.EMAIL_CHANGE: EmailChange.cancel,
    FlowKind.FOLLOWER_SNAPSHOTS: FollowerSnapshots.cancel,
}

router = APIRouter(prefix="/flows", tags=["flows"])


@router.get(
    "/{flow_id}",
    dependencies=[std],
    response_model=Answer[Flow],
    responses=problems(FlowNotFound),
)
async def look(flow_id: str, flows: Flows, resources: Resources) -> Response:
    """State, deadline and next step of a flow. The id is a secret of 192 bits, known to who started it."""
    if parse_flow_kind(flow_id) is FlowKind.ACCOUNT_DELETION:
        return answer(Flow.of(view_of(flow_id, await _deletion(flow_id, resources))), "Flow found")
    return answer(Flow.of(await flows.look(flow_id)), "Flow found")


@router.post(
    "/{flow_id}/cancel",
    dependencies=[std],
    response_model=Answer[Flow],
    responses=problems(*FLOW_ERRORS, WrongStep, Forbidden, *DEVICE_ERRORS, has_body=True),
)
async def cancel(
    flow_id: str,
    flows: Flows,
    resources: Resources,
    owner: FlowOwner,
    now: Now,
    repeat: Repeatable,
    body: NoFields | None = None,
) -> Response:
    """End an open flow. Cancelling a cancelled flow is no error.

    A flow that somebody began who was signed in is ended by them alone, on their device; one of admins by any admin.
    A deletion is ended by
    reactivating the account: nobody is signed in while it waits. Nothing cancels the way back to an old mail address.
    """
    kind, step = parse_flow_kind(flow_id), FlowStep(now, body_hash="")
    if kind is FlowKind.ACCOUNT_DELETION:
        return answer(Flow.of(await _undone(flow_id, owner, resources)), "Flow cancelled")
    if kind not in CANCELS:
        raise WrongStep
    try:
        await flows.ask(flow_id, CANCELS[kind], step, kind=kind, update_id=repeat.request, owner=owner)
    except FlowClosed:
        if (await flows.look(flow_id)).state is not FlowState.CANCELLED:
            raise
    return answer(Flow.of(await flows.look(flow_id)), "Flow cancelled")


async def _deletion(flow_id: str, resources: Resources) -> Deletion:
    """How it stands is known to MongoDB; its workflow only carries it out. Raises FlowNotFound."""
    deletion = await resources.accounts.deletions.find(resources.hashes.workflow_key(flow_id))
    if deletion is None:
        raise FlowNotFound
    return deletion


async def _undone(flow_id: str, owner: str | None, resources: Resources) -> FlowView:
    """The deletion that its person has undone. Raises FlowNotFound for anybody else."""
    deletion = await _deletion(flow_id, resources)
    if deletion.user_id != owner:
        raise FlowNotFound
    if deletion.standing is not Standing.BACK:
        raise FlowClosed
    return view_of(flow_id, deletion)
