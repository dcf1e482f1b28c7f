"""Change of the username: reserve the new one, then prove the email address by a code."""

import asyncio
from datetime import datetime

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import device_strict
from api.accounts.deps import AccountChangesDep, ResourcesDep
from api.accounts.schemas.username_change import UsernameChangeCodeRequest, UsernameChangeRequest
from api.deps import (
    CallerRequestKeyDep,
    DeviceCallerDep,
    FlowsDep,
    GraphSyncTriggerDep,
    HashesDep,
    RequestContextDep,
    StepUpDep,
)
from api.flows.client import running_view
from api.flows.start import FlowStart
from api.http.errors import DEVICE_ERRORS, FLOW_ERRORS, STEP_UP_ERRORS, error_responses
from api.http.responses import ACCEPTED_RESPONSES, accepted_response, success_response
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from api.users.schemas.users import Profile
from domain.accounts.errors import UsernameCooldown, UsernameTaken
from domain.codes import normalize_code
from domain.email_address import email_key
from domain.errors import FlowClosed, IdempotencyKeyReused, Overloaded, WrongCode
from domain.flows import FlowKind
from domain.username import is_reserved
from domain.users.permissions import Need, Permission
from workflows.accounts.username_change import REFUSALS, ProveUsernameChange, UsernameChange, UsernameChangeInput
from workflows.queues import Queue

router = APIRouter(prefix="/users/username/change", tags=["username-changes"])

KIND = FlowKind.USERNAME_CHANGE


@router.post(
    "/initiate",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.STEP_UP, proves_itself=True), device_strict],
    status_code=202,
    response_model=Answer[Flow],
    responses=error_responses(
        *DEVICE_ERRORS,
        *STEP_UP_ERRORS,
        UsernameTaken,
        UsernameCooldown,
        FlowClosed,
        Overloaded,
        IdempotencyKeyReused,
        has_body=True,
    ),
)
async def begin(
    body: UsernameChangeRequest,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    hashes: HashesDep,
    flows: FlowsDep,
    step_up: StepUpDep,
    context: RequestContextDep,
    request_key: CallerRequestKeyDep,
) -> Response:
    """Hold the name and mail a code to the present address. A change that was open before is cancelled."""
    user, flow_id = caller.user, hashes.new_flow_id(KIND, request_key.value)
    if not await flows.has_started(flow_id, request_key.value):
        await step_up.require(
            caller, body.proofs, first=lambda: _require_free(body.new_username, user.user_id, resources, context.now)
        )
    input = UsernameChangeInput(
        flow_id=flow_id,
        user_id=user.user_id,
        user_key=hashes.workflow_key(user.user_id),
        username=user.username,
        new_username=body.new_username,
        email_address=user.email_address,
        asked_at=context.now,
        key_id=resources.codes.current_key_id,
        code_life_seconds=resources.code_life_seconds,
        body_hash=request_key.body_hash(body),
        epoch=caller.session.epoch,
    )
    start = FlowStart(
        run=UsernameChange.run,
        input=input,
        queue=Queue.IDENTITY,
        subject_hash=hashes.subject_hash(email_key(user.email_address)),
        summary="Change of a username",
        owner_id=user.user_id,
    )
    return accepted_response(
        await flows.start(start, UsernameChange.wait_started, context.now), "Username change code sent"
    )


async def _require_free(username: str, user_id: str, resources: ResourcesDep, now: datetime) -> None:
    """Raise UsernameTaken or UsernameCooldown; the flow judges again when it holds the name."""
    if is_reserved(username):
        raise UsernameTaken
    outcome = await resources.accounts.username_changes.judge(user_id, username, now)
    if outcome in REFUSALS:
        raise REFUSALS[outcome]


@router.post(
    "/verify-email",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.DEVICE), device_strict],
    response_model=Answer[Profile],
    responses={
        **ACCEPTED_RESPONSES,
        **error_responses(
            *DEVICE_ERRORS,
            *FLOW_ERRORS,
            WrongCode,
            UsernameTaken,
            UsernameCooldown,
            has_body=True,
        ),
    },
)
async def verify(
    body: UsernameChangeCodeRequest,
    caller: DeviceCallerDep,
    account_changes: AccountChangesDep,
    graph_sync_trigger: GraphSyncTriggerDep,
    hashes: HashesDep,
    flows: FlowsDep,
    context: RequestContextDep,
    request_key: CallerRequestKeyDep,
) -> Response:
    """Prove the mailed code. From then on the new name counts; no other user gets the old one for 90 days."""
    user_id = caller.user.user_id
    command = ProveUsernameChange(
        proof=hashes.code_proof(body.flow_id, normalize_code(body.code)),
        asked_at=context.now,
        body_hash=request_key.body_hash(body),
        device=caller.device.info.label,
        address_prefix=context.client_network,
    )
    changed = await flows.send_update(
        body.flow_id, UsernameChange.verify, command, kind=KIND, update_id=request_key.value, user_id=user_id
    )
    if changed is None:
        return accepted_response(running_view(body.flow_id))
    user, _ = await asyncio.gather(account_changes.publish(user_id), graph_sync_trigger.put(user_id))
    return success_response(Profile.of(user), "Username changed")
