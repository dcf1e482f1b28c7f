"""Export of all data about the caller in one JSON file (GDPR, article 15)."""

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from api.access.permits import permit
from api.access.route_limits import device_start, device_std
from api.accounts.schemas.account_export import FILE_CONTENT
from api.deps import (
    CallerRequestKeyDep,
    DeviceCallerDep,
    DownloadsDep,
    FlowsDep,
    HashesDep,
    NowDep,
    RequestContextDep,
    StepUpDep,
)
from api.flows.downloads import FileKind
from api.flows.start import FlowStart
from api.http.errors import DEVICE_ERRORS, STEP_UP_ERRORS, error_responses
from api.http.problems import Responses
from api.http.responses import accepted_response
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from api.schemas.step_up import OptionalStepUp
from domain.accounts.account_export import JSON_END
from domain.email_address import email_key
from domain.errors import FlowClosed, FlowExpired, FlowNotFound, IdempotencyKeyReused, Overloaded
from domain.flows import FlowKind
from domain.users.permissions import Need, Permission
from workflows.accounts.account_export import AccountExport, AccountExportInput
from workflows.queues import Queue

router = APIRouter(prefix="/users/account/export", tags=["account"])

KIND = FlowKind.ACCOUNT_EXPORT
FILE = FileKind(KIND, "application/json", "decode-account.json", JSON_END)
DESCRIBED: Responses = {
    200: {"description": "The file, outside the envelope.", "content": {"application/json": FILE_CONTENT}},
    202: {"model": Answer[Flow], "description": "It is still being gathered."},
}


@router.post(
    "",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.STEP_UP, proves_itself=True), device_start],
    status_code=202,
    response_model=Answer[Flow],
    responses=error_responses(*DEVICE_ERRORS, *STEP_UP_ERRORS, IdempotencyKeyReused, Overloaded, has_body=True),
)
async def begin_export(
    body: OptionalStepUp,
    caller: DeviceCallerDep,
    hashes: HashesDep,
    flows: FlowsDep,
    step_up: StepUpDep,
    context: RequestContextDep,
    request_key: CallerRequestKeyDep,
) -> Response:
    """Begin to gather all data about the caller. The file can be fetched by its flow id when it is complete."""
    user, flow_id = caller.user, hashes.new_flow_id(KIND, request_key.value)
    if not await flows.has_started(flow_id, request_key.value):
        await step_up.require(caller, body.proofs)
    input = AccountExportInput(
        flow_id=flow_id,
        user_id=user.user_id,
        device=caller.device.info.label,
        address_prefix=context.client_network,
        asked_at=context.now,
        body_hash=request_key.body_hash(body),
    )
    start = FlowStart(
        run=AccountExport.run,
        input=input,
        queue=Queue.BULK,
        subject_hash=hashes.subject_hash(email_key(user.email_address)),
        summary="Gathers what the system holds about one person",
        owner_id=user.user_id,
    )
    return accepted_response(
        await flows.start(start, AccountExport.wait_started, context.now), "The export is being gathered"
    )


@router.get(
    "/{flow_id}",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.DEVICE), device_std],
    response_class=StreamingResponse,
    responses={**DESCRIBED, **error_responses(*DEVICE_ERRORS, FlowNotFound, FlowExpired, FlowClosed)},
)
async def download_export(flow_id: str, caller: DeviceCallerDep, downloads: DownloadsDep, now: NowDep) -> Response:
    """Download the export, for a day after it is complete. It comes in pieces and is never whole in our memory."""
    return await downloads.send(FILE, flow_id, caller.user.user_id, now)
