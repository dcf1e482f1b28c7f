"""Verification of the journal against its signed checkpoints."""

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std, device_std
from api.deps import CallerRequestKeyDep, DeviceCallerDep, FlowsDep, HashesDep, NowDep, StepUpDep
from api.flows.start import FlowStart
from api.http.errors import CALLER_ERRORS, PROVED_ERRORS, error_responses
from api.http.responses import accepted_response, success_response
from api.operations.schemas.audit_verify import VerificationView, VerifyRequest
from api.schemas.envelope import Answer
from api.schemas.fields import FlowIdInPath
from api.schemas.flows import Flow
from domain.email_address import email_key
from domain.errors import FlowNotFound, IdempotencyKeyReused
from domain.flows import FlowKind, parse_flow_kind
from domain.users.permissions import Need, Permission
from workflows.operations.audit_verify import SUMMARY, AuditVerify, VerifyInput, VerifyReport
from workflows.queues import Queue

router = APIRouter(prefix="/audit/verify", tags=["audit"])

KIND = FlowKind.AUDIT_VERIFY


@router.post(
    "",
    dependencies=[permit(Permission.AUDIT_VERIFY, Need.STEP_UP, proves_itself=True), device_std],
    status_code=202,
    response_model=Answer[Flow],
    responses=error_responses(*PROVED_ERRORS, IdempotencyKeyReused, has_body=True),
)
async def verify(
    body: VerifyRequest,
    caller: DeviceCallerDep,
    hashes: HashesDep,
    flows: FlowsDep,
    step_up: StepUpDep,
    now: NowDep,
    request_key: CallerRequestKeyDep,
) -> Response:
    """Verify the journal: each entry, and those that are signed against their checkpoints. Every night it is done
    without being asked.
    """
    user, flow_id = caller.user, hashes.new_flow_id(KIND, request_key.value)
    if not await flows.has_started(flow_id, request_key.value):
        await step_up.require(caller, body.proofs)
    input = VerifyInput(
        flow_id=flow_id,
        body_hash=request_key.body_hash(body),
        user_id=user.user_id,
        first=body.from_,
        last=body.to,
    )
    start = FlowStart(
        run=AuditVerify.run,
        input=input,
        queue=Queue.BULK,
        subject_hash=hashes.subject_hash(email_key(user.email_address)),
        summary=SUMMARY,
    )
    return accepted_response(await flows.start(start, AuditVerify.wait_started, now), "The journal is being verified")


@router.get(
    "/{flow_id}",
    dependencies=[permit(Permission.AUDIT_READ, by_key=True), caller_std],
    response_model=Answer[VerificationView],
    responses=error_responses(*CALLER_ERRORS, FlowNotFound),
)
async def get_verification(flow_id: FlowIdInPath, flows: FlowsDep) -> Response:
    """Return what a verification has found, while Temporal keeps it: three days. The journal keeps it longer."""
    if parse_flow_kind(flow_id) is not KIND:
        raise FlowNotFound
    report = await flows.get_report(flow_id, VerifyReport)
    return success_response(VerificationView.of(report), "Verification found")
