"""The trusted devices of an account: list and revoke."""

import asyncio
from collections import defaultdict

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import device_std, device_strict
from api.auth.deps import ResourcesDep
from api.auth.schemas.devices import RevokeDeviceRequest, TrustedDevice, TrustedDevices
from api.deps import DeviceCallerDep, NoticeTriggerDep, NowDep, RequestContextDep, SessionCacheDep, StepUpDep
from api.http.errors import DEVICE_ERRORS, STEP_UP_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from domain.auth.errors import DeviceNotFound
from domain.auth.sessions import Session
from domain.errors import Overloaded
from domain.users.permissions import Need, Permission
from domain.users.security_events import EventKind

router = APIRouter(prefix="/auth/fingerprints", tags=["devices"])


@router.get(
    "",
    dependencies=[permit(Permission.ACCOUNT_READ, Need.DEVICE), device_std],
    response_model=Answer[TrustedDevices],
    responses=error_responses(*DEVICE_ERRORS),
)
async def list_trusted(caller: DeviceCallerDep, resources: ResourcesDep, now: NowDep) -> Response:
    """List trusted devices, last seen first, each with its sessions and without their tokens."""
    devices, active = await asyncio.gather(
        resources.auth.devices.list_trusted(caller.user.user_id), resources.auth.sessions.list_active(caller.user, now)
    )
    sessions: dict[str, list[Session]] = defaultdict(list)
    for session, device in active:
        sessions[device.device_id].append(session)
    current = caller.device.device_id
    views = [
        TrustedDevice.of(device, sessions[device.device_id], is_current=device.device_id == current)
        for device in devices
    ]
    return success_response(TrustedDevices(devices=views), "Devices found")


@router.post(
    "/revoke",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.STEP_UP, proves_itself=True), device_strict],
    response_model=Answer[None],
    responses=error_responses(*DEVICE_ERRORS, *STEP_UP_ERRORS, DeviceNotFound, Overloaded, has_body=True),
)
async def revoke(
    body: RevokeDeviceRequest,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    step_up: StepUpDep,
    context: RequestContextDep,
    session_cache: SessionCacheDep,
    notice_trigger: NoticeTriggerDep,
) -> Response:
    """Stop trusting a device and end its sessions, in one move. The owner is told by mail."""
    user_id, device_id = caller.user.user_id, body.device_fingerprint_id
    await step_up.require(caller, body.proofs, first=lambda: _require_trusted(user_id, device_id, resources))
    event = context.new_event(EventKind.DEVICE_REVOKED, user_id, device=caller.device.info.label)
    if not await resources.auth.sessions.revoke_device(device_id, event):
        raise DeviceNotFound
    await asyncio.gather(session_cache.invalidate_user(user_id), notice_trigger.trigger(event))
    return success_response(None, "Device revoked")


async def _require_trusted(user_id: str, device_id: str, resources: ResourcesDep) -> None:
    """Raise DeviceNotFound unless it is a trusted device of the user."""
    if not await resources.auth.devices.has_trusted(user_id, device_id):
        raise DeviceNotFound
