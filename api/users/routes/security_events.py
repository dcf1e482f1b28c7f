"""The security events of the caller's account."""

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import device_std
from api.deps import DeviceCallerDep
from api.http.errors import DEVICE_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.paging import Meta, Paging
from api.users.deps import ResourcesDep
from api.users.schemas.security_events import SecurityEventPage, SecurityEventView
from domain.errors import InvalidInput
from domain.users.permissions import Need, Permission

router = APIRouter(prefix="/auth/security-events", tags=["security-events"])


@router.get(
    "",
    name="list",
    dependencies=[permit(Permission.ACCOUNT_READ, Need.DEVICE), device_std],
    response_model=Answer[SecurityEventPage],
    responses=error_responses(*DEVICE_ERRORS, InvalidInput),
)
async def list_page(caller: DeviceCallerDep, resources: ResourcesDep, paging: Paging) -> Response:
    """List security events, newest first: sign-ins, changes of password, devices and second factor, and what was
    suspicious.
    """
    page = await resources.users.security_events.list_page(caller.user.user_id, paging.window)
    events = [SecurityEventView.of(event) for event in page.rows]
    return success_response(SecurityEventPage(events=events, meta=Meta.of(page, paging)), "Security events found")
