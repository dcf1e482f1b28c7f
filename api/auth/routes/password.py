"""Change of the password by an authenticated user."""

import asyncio

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import device_strict
from api.auth.deps import ResourcesDep
from api.auth.password_policy import hash_unbreached, is_password_weak
from api.auth.schemas.password import ChangePasswordRequest
from api.deps import DeviceCallerDep, NoticeTriggerDep, RequestContextDep, SessionCacheDep, StepUpDep
from api.http.errors import DEVICE_ERRORS, STEP_UP_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from domain.auth.errors import InvalidCredentials, WeakPassword
from domain.auth.password import normalize_password
from domain.auth.sessions import refusal_for_access
from domain.email_address import local_part
from domain.errors import Overloaded
from domain.users.permissions import Need, Permission
from domain.users.security_events import EventKind

router = APIRouter(prefix="/auth/password", tags=["passwords"])


@router.post(
    "/change",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.DEVICE), device_strict],
    response_model=Answer[None],
    responses=error_responses(*DEVICE_ERRORS, *STEP_UP_ERRORS, WeakPassword, Overloaded, has_body=True),
)
async def change(
    body: ChangePasswordRequest,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    step_up: StepUpDep,
    context: RequestContextDep,
    session_cache: SessionCacheDep,
    notice_trigger: NoticeTriggerDep,
) -> Response:
    """Replace the old password by a new one. All other sessions end, and the owner is told by mail."""
    user, password = caller.user, normalize_password(body.new_password)
    if is_password_weak(password, resources, context=(user.username, local_part(user.email_address))):
        raise WeakPassword
    await step_up.require(caller, body.proofs)
    event = context.new_event(EventKind.PASSWORD_CHANGED, user.user_id, device=caller.device.info.label)
    encoded = await hash_unbreached(password, resources)
    if not await resources.auth.password_hashes.change(event, encoded, keep_session=caller.session):
        # Either a parallel change came first, or the session has ended.
        session, account = await resources.auth.sessions.find_with_user(caller.session.session_id) or (None, None)
        raise refusal_for_access(session, account, context.now) or InvalidCredentials
    await asyncio.gather(session_cache.invalidate_user(user.user_id), notice_trigger.trigger(event))
    return success_response(None, "Password changed")
