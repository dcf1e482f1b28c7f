"""Export of the journal in one file, which its readers verify without us (docs/audit-file.md)."""

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from api.access.permits import Need, Permission, permit
from api.access.route_limits import device_start, device_std
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
from api.http.errors import GUARDED_ERRORS, PROVED_ERRORS, error_responses
from api.http.problems import Responses
from api.http.responses import accepted_response
from api.journal.deps import ResourcesDep
from api.journal.schemas.audit import AuditExportRequest
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from domain.email_address import email_key
from domain.errors import FlowClosed, FlowExpired, FlowNotFound, IdempotencyKeyReused
from domain.flows import FlowKind
from workflows.journal.audit_export import AuditExport, AuditExportInput
from workflows.queues import Queue

router = APIRouter(prefix="/audit/export", tags=["audit"])

KIND = FlowKind.AUDIT_EXPORT
FILE = FileKind(KIND, "application/x-ndjson", "decode-journal.ndjson")
DESCRIBED: Responses = {
    200: {
        "description": "The file, outside the envelope: a JSON object a line.",
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
    },
    202: {"model": Answer[Flow], "description": "It is still being gathered."},
}
may_begin = permit(Permission.AUDIT_EXPORT, Need.STEP_UP, proves_itself=True)
may_download = permit(Permission.AUDIT_EXPORT, Need.STEP_UP)


@router.post(
    "",
    dependencies=[may_begin, device_start],
    status_code=202,
    response_model=Answer[Flow],
    responses=error_responses(*PROVED_ERRORS, IdempotencyKeyReused, has_body=True),
)
async def begin_export(
    body: AuditExportRequest,
    caller: DeviceCallerDep,
    hashes: HashesDep,
    flows: FlowsDep,
    step_up: StepUpDep,
    context: RequestContextDep,
    request_key: CallerRequestKeyDep,
) -> Response:
    """Begin to gather the journal up to its newest entry, or what is asked for, into a file. It is recorded who exports
    what. Without a filter the file is a chain, which proves that nothing is missing.
    """
    user, flow_id = caller.user, hashes.new_flow_id(KIND, request_key.value)
    if not await flows.has_started(flow_id, request_key.value):
        await step_up.require(caller, body.proofs)
    input = AuditExportInput(
        flow_id=flow_id,
        user_id=user.user_id,
        filter=body.filter,
        device=caller.device.info.label,
        address_prefix=context.client_network,
        asked_at=context.now,
        body_hash=request_key.body_hash(body),
    )
    start = FlowStart(
        run=AuditExport.run,
        input=input,
        queue=Queue.BULK,
        subject_hash=hashes.subject_hash(email_key(user.email_address)),
        summary="Exports the journal",
        owner_id=user.user_id,
    )
    view = await flows.start(start, AuditExport.wait_started, context.now)
    return accepted_response(view, "The export is being gathered")


@router.get(
    "/{flow_id}",
    dependencies=[may_download, device_std],
    response_class=StreamingResponse,
    responses={**DESCRIBED, **error_responses(*GUARDED_ERRORS, FlowNotFound, FlowExpired, FlowClosed)},
)
async def download_export(
    flow_id: str, caller: DeviceCallerDep, downloads: DownloadsDep, resources: ResourcesDep, now: NowDep
) -> Response:
    """Download the file, for a day after it is complete, as the user who asked for it."""
    words = resources.journal.export_words
    return await downloads.send(FILE, flow_id, caller.user.user_id, now, open=words.open)
