"""All that the system holds about oneself, in one JSON file (GDPR, article 15)."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from api.access.route_limits import device_start, device_std
from api.accounts.deps import Resources
from api.auth.deps import StepUp
from api.auth.schemas.step_up import OptionalStepUp
from api.deps import DeviceCaller, Flows, Hashes, Now, Occasion, RepeatableOfCaller
from api.flows.start import Start
from api.http.errors import DEVICE_ERRORS, STEP_UP_ERRORS, Responses, problems
from api.http.responses import accepted
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from domain.accounts.account_export import CLOSING
from domain.email_address import email_key
from domain.errors import FlowClosed, FlowExpired, FlowNotFound, IdempotencyKeyReused, Overloaded
from domain.flows import FlowKind, FlowState, parse_flow_kind
from workflows.accounts.account_export import AccountExport, AccountExportOrder
from workflows.queues import Queue

router = APIRouter(prefix="/users/account/export", tags=["account"])

KIND = FlowKind.ACCOUNT_EXPORT
FILE: Responses = {
    200: {"description": "The file, outside the envelope.", "content": {"application/json": {"schema": {}}}},
    202: {"model": Answer[Flow], "description": "It is still being gathered."},
}
HEADERS = {"Content-Disposition": 'attachment; filename="decode-account.json"', "Cache-Control": "no-store"}


@router.post(
    "",
    dependencies=[device_start],
    status_code=202,
    response_model=Answer[Flow],
    responses=problems(*DEVICE_ERRORS, *STEP_UP_ERRORS, IdempotencyKeyReused, Overloaded, has_body=True),
)
async def begin(
    body: OptionalStepUp,
    caller: DeviceCaller,
    hashes: Hashes,
    flows: Flows,
    step_up: StepUp,
    occasion: Occasion,
    repeat: RepeatableOfCaller,
) -> Response:
    """Begin to gather everything. The file can be fetched by the flow's id when the flow has completed."""
    user, flow_id = caller.user, hashes.flow_id(KIND, repeat.request)
    if not await flows.begun_before(flow_id, repeat.request):
        await step_up.require(caller, body.proofs)
    order = AccountExportOrder(
        flow_id=flow_id,
        user_id=user.user_id,
        device=caller.device.facts.label,
        address_prefix=occasion.address_prefix,
        asked_at=occasion.now,
        body_hash=repeat.body_hash(body),
    )
    start = Start(
        run=AccountExport.run,
        order=order,
        queue=Queue.BULK,
        subject_hash=hashes.subject(email_key(user.email_address)),
        summary="Gathers what the system holds about one person",
        owner=user.user_id,
    )
    return accepted(await flows.start(start, AccountExport.begun, occasion.now), "The export is being gathered")


@router.get(
    "/{flow_id}",
    dependencies=[device_std],
    response_class=StreamingResponse,
    responses={**FILE, **problems(*DEVICE_ERRORS, FlowNotFound, FlowExpired, FlowClosed)},
)
async def fetch(
    flow_id: str, caller: DeviceCaller, resources: Resources, hashes: Hashes, flows: Flows, now: Now
) -> Response:
    """The file, for a day, for the person who asked for it. It comes in pieces and is never whole in our memory."""
    if parse_flow_kind(flow_id) is not KIND:
        raise FlowNotFound
    key = hashes.workflow_key(flow_id)
    export = await resources.accounts.exports.find(key)
    if export is not None and export.user_id != caller.user.user_id:
        raise FlowNotFound
    if export is None or export.ready_until is None:
        return await _not_ready(flow_id, flows)
    if now >= export.ready_until:
        raise FlowExpired
    return StreamingResponse(_file(resources, key), media_type="application/json", headers=HEADERS)


async def _not_ready(flow_id: str, flows: Flows) -> Response:
    """Raises FlowNotFound, FlowClosed for one that was cancelled or failed, FlowExpired for one long forgotten."""
    view = await flows.look(flow_id)
    if view.state.is_open:
        return accepted(view)
    raise FlowExpired if view.state is FlowState.COMPLETED else FlowClosed


async def _file(resources: Resources, key: str) -> AsyncIterator[bytes]:
    async for piece in resources.accounts.exports.read(key):
        yield piece
    yield CLOSING.encode()
