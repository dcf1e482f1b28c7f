"""Change the password while signed in."""

import asyncio

from fastapi import APIRouter, Response

from api.access.route_limits import device_strict
from api.auth.deps import Resources, StepUp
from api.auth.password_policy import is_refused
from api.auth.schemas.password import ChangePasswordRequest
from api.deps import DeviceCaller, Known, Notices, Occasion
from api.http.errors import DEVICE_ERRORS, STEP_UP_ERRORS, problems
from api.http.responses import answer
from api.schemas.envelope import Answer
from domain.auth.errors import InvalidCredentials, WeakPassword
from domain.auth.password import normal_password
from domain.auth.sessions import judge_access
from domain.email_address import local_part
from domain.errors import Overloaded
from domain.users.security_events import EventKind

router = APIRouter(prefix="/auth/password", tags=["password"])


@router.post(
    "/change",
    dependencies=[device_strict],
    response_model=Answer[None],
    responses=problems(*DEVICE_ERRORS, *STEP_UP_ERRORS, WeakPassword, Overloaded, has_body=True),
)
async def change(
    body: ChangePasswordRequest,
    caller: DeviceCaller,
    resources: Resources,
    step_up: StepUp,
    occasion: Occasion,
    known: Known,
    notices: Notices,
) -> Response:
    """A new password for the old one. All other sessions end, and the owner is told by mail."""
    await step_up.require(caller, body.proofs)
    user, password = caller.user, normal_password(body.new_password)
    if await is_refused(password, resources, context=(user.username, local_part(user.email_address))):
        raise WeakPassword
    event = occasion.event(EventKind.PASSWORD_CHANGED, user.user_id, device=caller.device.facts.label)
    encoded = await resources.auth.passwords.hash(password)
    if not await resources.auth.password_hashes.change(event, encoded, keep=caller.session):
        # Another change was faster, unless the session itself has ended.
        session, account = await resources.auth.sessions.find_with_user(caller.session.session_id) or (None, None)
        raise judge_access(session, account, occasion.now) or InvalidCredentials
    await asyncio.gather(known.account_changed(user.user_id), notices.kick(event))
    return answer(None, "Password changed")
