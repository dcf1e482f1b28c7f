"""Status and cancellation of flows."""

from fastapi import APIRouter, Response

from api.access.callers import OPTIONAL_TOKEN
from api.access.permits import open_to_all
from api.access.route_limits import std
from api.deps import FlowsDep, NowDep, RequestKeyDep
from api.flows.client import running_view
from api.http.errors import DEVICE_ERRORS, FLOW_ERRORS, error_responses
from api.http.responses import ACCEPTED_RESPONSES, accepted_response, success_response
from api.operations.deps import FlowOwnerDep, RequestIdDep, ResourcesDep
from api.schemas.envelope import Answer, NoFields
from api.schemas.fields import FlowIdInPath
from api.schemas.flows import Flow
from domain.accounts.account_deletion import Deletion, DeletionStatus, deletion_view
from domain.errors import FlowClosed, FlowNotFound, WrongStep
from domain.flows import FLOWS, FlowKind, FlowState, FlowView, parse_flow_kind
from workflows.flows import FlowCommand
from workflows.job_flow import JobFlow

router = APIRouter(prefix="/flows", tags=["flows"])


@router.get(
    "/{flow_id}",
    dependencies=[open_to_all, std],
    response_model=Answer[Flow],
    responses=error_responses(FlowNotFound),
)
async def get(flow_id: FlowIdInPath, flows: FlowsDep, resources: ResourcesDep) -> Response:
    """Return state, deadline and next step of a flow. The id is a secret of 192 bits, known to who started it."""
    if parse_flow_kind(flow_id) is FlowKind.ACCOUNT_DELETION:
        return success_response(Flow.of(deletion_view(flow_id, await _find_deletion(flow_id, resources))), "Flow found")
    return success_response(Flow.of(await flows.get_status(flow_id)), "Flow found")


@router.post(
    "/{flow_id}/cancel",
    dependencies=[open_to_all, std],
    response_model=Answer[Flow],
    responses={
        **ACCEPTED_RESPONSES,
        **error_responses(*FLOW_ERRORS, WrongStep, *DEVICE_ERRORS, has_body=True),
    },
    openapi_extra=OPTIONAL_TOKEN,
)
async def cancel(
    flow_id: FlowIdInPath,
    flows: FlowsDep,
    resources: ResourcesDep,
    owner: FlowOwnerDep,
    now: NowDep,
    request_id: RequestIdDep,
    request_key: RequestKeyDep,
    body: NoFields | None = None,
) -> Response:
    """End an open flow. Cancelling a cancelled flow is no error. 202: it is ended once the step before it is through.

    A flow that a signed-in user began is ended by that user alone, on their device; one that needs a
    permission by any user who has that. A
    deletion is ended by reactivating the account: its user is not signed in while it waits. Nothing
    cancels the way back to an old mail address.
    """
    kind, step = parse_flow_kind(flow_id), FlowCommand(now, body_hash="", request_id=request_id)
    if kind is FlowKind.ACCOUNT_DELETION:
        return success_response(Flow.of(await _undo_deletion(flow_id, owner, resources)), "Flow cancelled")
    if not FLOWS[kind].is_cancellable:
        raise WrongStep
    try:
        reply = await flows.send_update(
            flow_id, JobFlow.cancel, step, kind=kind, update_id=request_key.value, user_id=owner
        )
    except FlowClosed:
        view = await flows.get_status(flow_id)
        if view.state is not FlowState.CANCELLED:
            raise
    else:
        if reply is None:
            return accepted_response(running_view(flow_id))
        view = reply.view
    return success_response(Flow.of(view), "Flow cancelled")


async def _find_deletion(flow_id: str, resources: ResourcesDep) -> Deletion:
    """Return the deletion from MongoDB, which has its state; the workflow only carries it out. Raises FlowNotFound."""
    deletion = await resources.accounts.deletions.find(resources.hashes.workflow_key(flow_id))
    if deletion is None:
        raise FlowNotFound
    return deletion


async def _undo_deletion(flow_id: str, user_id: str | None, resources: ResourcesDep) -> FlowView:
    """Return the view of a deletion that its owner has undone.

    Raises FlowNotFound for another user, FlowClosed if it is not undone.
    """
    deletion = await _find_deletion(flow_id, resources)
    if deletion.user_id != user_id:
        raise FlowNotFound
    if deletion.standing is not DeletionStatus.BACK:
        raise FlowClosed
    return deletion_view(flow_id, deletion)
