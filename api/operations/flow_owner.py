"""Who may end the flow in the path."""

from collections.abc import Mapping

from fastapi import Request

from api.access.callers import require_device_caller
from api.access.permits import require_permission
from domain.flows import FlowKind, StartedBy, parse_flow_kind, started_by
from domain.users.permissions import Permission

PERMISSIONS: Mapping[FlowKind, Permission] = {
    FlowKind.FOLLOWER_SNAPSHOTS: Permission.SNAPSHOTS_TRIGGER,
    FlowKind.AUDIT_VERIFY: Permission.AUDIT_VERIFY,
}
"""What the flows ask for that belong to no user: the permission of the route that starts them."""


async def require_flow_owner(request: Request) -> str | None:
    """Return the caller's user id if only the owner may act on the flow in the path; None if the flow id suffices, or
    if the flow belongs to no user and the caller has its permission.

    Raises Forbidden, and what `require_device_caller` raises.
    """
    flow_id = request.path_params["flow_id"].strip()
    starter = started_by(flow_id)
    if starter is StartedBy.ADMIN:
        await require_permission(request, PERMISSIONS[parse_flow_kind(flow_id)])
    return (await require_device_caller(request)).user.user_id if starter is StartedBy.USER else None
