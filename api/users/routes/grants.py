"""Grants: roles and single permissions that a user has besides the account's role, for good or until a moment."""

from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Request, Response

from api.access.permits import permit, require_permission
from api.access.request_context import to_millisecond
from api.access.route_limits import device_strict
from api.deps import CallerIdempotentDep, DeviceCallerDep, RequestContextDep, SessionCacheDep, StepUpDep
from api.http.errors import GUARDED_ERRORS, PROVED_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.fields import ObjectId, UserIdInPath
from api.users.deps import ResourcesDep
from api.users.schemas.grants import GrantView, NewGrant
from domain.errors import IdempotencyKeyReused, InvalidInput
from domain.users.errors import (
    GrantLimit,
    GrantNotFound,
    GrantTooWide,
    LastAdmin,
    PermissionNotFound,
    RoleNotFound,
    UserNotFound,
)
from domain.users.grants import GIVING, MAX_LIFE, Grant, GrantKind
from domain.users.permissions import Need, Permission
from domain.users.security_events import EventKind

router = APIRouter(prefix="/users/{user_id}/grants", tags=["grants"])


@router.post(
    "",
    dependencies=[
        permit(Permission.ROLES_ASSIGN, Need.STEP_UP, instead=Permission.PERMISSIONS_GRANT, proves_itself=True),
        device_strict,
    ],
    status_code=201,
    response_model=Answer[GrantView],
    responses=error_responses(
        *PROVED_ERRORS,
        GrantTooWide,
        UserNotFound,
        RoleNotFound,
        PermissionNotFound,
        GrantLimit,
        IdempotencyKeyReused,
        has_body=True,
    ),
)
async def give(
    user_id: UserIdInPath,
    body: NewGrant,
    request: Request,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    idempotent: CallerIdempotentDep,
    step_up: StepUpDep,
    context: RequestContextDep,
    session_cache: SessionCacheDep,
) -> Response:
    """Give a user a role, which needs `roles:assign`, or a permission, which needs `permissions:grant`.

    Nothing that the caller lacks can be given, nor for longer than they have it. The user is notified.
    """
    grant = _grant(body, resources.hashes.new_object_id(), caller.user.user_id, context.now)
    await require_permission(request, GIVING[grant.kind])
    event = replace(
        context.new_event(EventKind.GRANT_CREATED, user_id, device=None),
        address_prefix=None,
        details={"by": caller.user.user_id},
    )

    async def work() -> GrantView:
        await step_up.require(caller, body.proofs)
        view = GrantView.of(grant)
        await resources.users.grants.give(grant, event, idempotent.new_receipt(body, view))
        await session_cache.invalidate_user(user_id)
        return view

    return success_response(await idempotent.run_once(body, GrantView, work), "Right given", 201)


def _grant(body: NewGrant, grant_id: str, author: str, now: datetime) -> Grant:
    """Return the grant of the body. Raises InvalidInput for one that has run out already or lasts for ages."""
    if body.until is not None and not now < body.until <= now + MAX_LIFE:
        raise InvalidInput(details=[{"field": "body.until", "message": "this is not within the next ten years"}])
    until = body.until and to_millisecond(body.until)
    kind = GrantKind.ROLE if body.role else GrantKind.PERMISSION
    return Grant(grant_id, kind, body.role or body.permission or "", until, body.reason, author, now)


@router.delete(
    "/{grant_id}",
    dependencies=[permit(Permission.ROLES_ASSIGN, Need.STEP_UP, instead=Permission.PERMISSIONS_REVOKE), device_strict],
    response_model=Answer[None],
    responses=error_responses(*GUARDED_ERRORS, InvalidInput, UserNotFound, GrantNotFound, LastAdmin),
)
async def take(
    user_id: UserIdInPath,
    grant_id: ObjectId,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    context: RequestContextDep,
    session_cache: SessionCacheDep,
) -> Response:
    """Take a grant from a user: of a role it needs `roles:assign`, of a permission `permissions:revoke`.

    The user is notified.
    """
    event = replace(
        context.new_event(EventKind.GRANT_DELETED, user_id, device=None),
        address_prefix=None,
        details={"by": caller.user.user_id},
    )
    await resources.users.grants.take(grant_id, event, author=caller.user.user_id)
    await session_cache.invalidate_user(user_id)
    return success_response(None, "Right taken")
