"""Change of the email address: prove the old address by a code, enter the new one, prove it by a code."""

from datetime import datetime

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import device_start, device_strict
from api.accounts.deps import AccountChangesDep, ResourcesDep
from api.accounts.schemas.email_change import EmailChangeCodeRequest, NewEmailRequest, ProfileWithEmail
from api.deps import (
    CallerRequestKeyDep,
    DeviceCallerDep,
    FlowsDep,
    HashesDep,
    NowDep,
    RequestContextDep,
    StepUpDep,
)
from api.flows.client import running_view, view_after
from api.flows.start import FlowStart
from api.http.errors import DEVICE_ERRORS, FLOW_ERRORS, STEP_UP_ERRORS, error_responses
from api.http.responses import ACCEPTED_RESPONSES, accepted_response, success_response
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from api.schemas.step_up import OptionalStepUp
from domain.accounts.errors import EmailChangeBarred
from domain.codes import normalize_code
from domain.email_address import email_key
from domain.errors import (
    FlowClosed,
    IdempotencyKeyReused,
    InvalidInput,
    Overloaded,
    ResendTooSoon,
    WrongCode,
    WrongStep,
)
from domain.flows import FlowKind
from domain.users.permissions import Need, Permission
from workflows.accounts.email_change import (
    EmailChange,
    EmailChangeInput,
    EnterNewEmail,
    ProveNewEmail,
    ProveOldEmail,
)
from workflows.queues import Queue

router = APIRouter(prefix="/users/email/change", tags=["email-changes"])

KIND = FlowKind.EMAIL_CHANGE
STEP_ERRORS = (*DEVICE_ERRORS, *FLOW_ERRORS, WrongStep)


@router.post(
    "/initiate",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.STEP_UP, proves_itself=True), device_start],
    status_code=202,
    response_model=Answer[Flow],
    responses=error_responses(
        *DEVICE_ERRORS,
        *STEP_UP_ERRORS,
        EmailChangeBarred,
        FlowClosed,
        Overloaded,
        IdempotencyKeyReused,
        has_body=True,
    ),
)
async def begin(
    body: OptionalStepUp,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    hashes: HashesDep,
    flows: FlowsDep,
    step_up: StepUpDep,
    now: NowDep,
    request_key: CallerRequestKeyDep,
) -> Response:
    """Mail a code to the present address. A change that was open before is cancelled."""
    user, flow_id = caller.user, hashes.new_flow_id(KIND, request_key.value)
    if not await flows.has_started(flow_id, request_key.value):
        await step_up.require(caller, body.proofs, first=lambda: _require_not_barred(user.user_id, resources, now))
    input = EmailChangeInput(
        flow_id=flow_id,
        user_id=user.user_id,
        username=user.username,
        email_address=user.email_address,
        asked_at=now,
        key_id=resources.codes.current_key_id,
        code_life_seconds=resources.code_life_seconds,
        body_hash=request_key.body_hash(body),
        epoch=caller.session.epoch,
    )
    start = FlowStart(
        run=EmailChange.run,
        input=input,
        queue=Queue.IDENTITY,
        subject_hash=hashes.subject_hash(email_key(user.email_address)),
        summary="Change of a mail address",
        owner_id=user.user_id,
    )
    return accepted_response(await flows.start(start, EmailChange.wait_started, now), "E-mail change code sent")


async def _require_not_barred(user_id: str, resources: ResourcesDep, now: datetime) -> None:
    """Raise EmailChangeBarred for some days after a revert; the flow looks again."""
    if await resources.accounts.email_changes.is_barred(user_id, now):
        raise EmailChangeBarred


@router.post(
    "/verify-email",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.DEVICE), device_strict],
    response_model=Answer[Flow],
    responses={**ACCEPTED_RESPONSES, **error_responses(*STEP_ERRORS, WrongCode, has_body=True)},
)
async def verify_old_address(
    body: EmailChangeCodeRequest,
    caller: DeviceCallerDep,
    hashes: HashesDep,
    flows: FlowsDep,
    now: NowDep,
    request_key: CallerRequestKeyDep,
) -> Response:
    """Prove the code that went to the present address. Next comes the new one."""
    proof = hashes.code_proof(body.flow_id, normalize_code(body.code))
    command = ProveOldEmail(proof, now, request_key.body_hash(body), caller.session.epoch)
    verified = await flows.send_update(
        body.flow_id, EmailChange.verify, command, kind=KIND, update_id=request_key.value, user_id=caller.user.user_id
    )
    if verified is None:
        return accepted_response(running_view(body.flow_id))
    return success_response(Flow.of(verified.view), "E-mail address verified")


@router.post(
    "/new-email-initiate",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.DEVICE), device_start],
    status_code=202,
    response_model=Answer[Flow],
    responses=error_responses(*STEP_ERRORS, ResendTooSoon, has_body=True),
)
async def enter_new_address(
    body: NewEmailRequest, caller: DeviceCallerDep, flows: FlowsDep, now: NowDep, request_key: CallerRequestKeyDep
) -> Response:
    """Mail a code to the new address; again after a minute, to the same or to another. The answer is the same
    whether or not the address is another user's, who is told by mail.
    """
    if email_key(body.new_email) == email_key(caller.user.email_address):
        message = "this is your address already"
        raise InvalidInput(details=[{"field": "body.new_email", "message": message}])
    command = EnterNewEmail(body.new_email, now, request_key.body_hash(body), caller.session.epoch)
    named = await flows.send_update(
        body.flow_id,
        EmailChange.enter_new_email,
        command,
        kind=KIND,
        update_id=request_key.value,
        user_id=caller.user.user_id,
    )
    return accepted_response(view_after(named, body.flow_id), "E-mail change code sent")


@router.post(
    "/new-email-verify",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.DEVICE), device_strict],
    response_model=Answer[ProfileWithEmail],
    responses={**ACCEPTED_RESPONSES, **error_responses(*STEP_ERRORS, WrongCode, has_body=True)},
)
async def verify_new_address(
    body: EmailChangeCodeRequest,
    caller: DeviceCallerDep,
    account_changes: AccountChangesDep,
    hashes: HashesDep,
    flows: FlowsDep,
    context: RequestContextDep,
    request_key: CallerRequestKeyDep,
) -> Response:
    """Prove the code that went to the new address. It counts from then on, and all other sessions end. A mail to the
    old one says how to take it back within seven days.
    """
    user_id = caller.user.user_id
    command = ProveNewEmail(
        proof=hashes.code_proof(body.flow_id, normalize_code(body.code)),
        asked_at=context.now,
        body_hash=request_key.body_hash(body),
        session_id=caller.session.session_id,
        device=caller.device.info.label,
        address_prefix=context.client_network,
    )
    changed = await flows.send_update(
        body.flow_id, EmailChange.verify_new, command, kind=KIND, update_id=request_key.value, user_id=user_id
    )
    if changed is None:
        return accepted_response(running_view(body.flow_id))
    return success_response(ProfileWithEmail.of_owner(await account_changes.publish(user_id)), "E-mail address changed")
