"""Permissions: ours, which are fixed, and those that an app adds for its own services."""

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std, device_strict
from api.deps import CallerDep, CallerIdempotentDep, DeviceCallerDep, NowDep, RoleCatalogueDep, StepUpDep
from api.http.errors import CALLER_ERRORS, GUARDED_ERRORS, PROVED_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.users.deps import ResourcesDep
from api.users.schemas.permissions import NewPermission, PermissionList, PermissionNameInPath, PermissionView
from domain.errors import Forbidden, IdempotencyKeyReused, InvalidInput
from domain.users.errors import (
    PermissionExists,
    PermissionInUse,
    PermissionLimit,
    PermissionNotFound,
    SystemPermission,
)
from domain.users.permissions import Need, Permission, PermissionSpec

router = APIRouter(prefix="/permissions", tags=["permissions"])


@router.get(
    "",
    name="list",
    dependencies=[permit(Permission.PERMISSIONS_READ, by_key=True), caller_std],
    response_model=Answer[PermissionList],
    responses=error_responses(*CALLER_ERRORS, Forbidden),
)
async def list_all(_: CallerDep, catalogue: RoleCatalogueDep) -> Response:
    """List all permissions by name."""
    permissions = (await catalogue.newest()).permissions
    views = [PermissionView.of(permissions[name]) for name in sorted(permissions)]
    return success_response(PermissionList(permissions=views), "Permissions found")


@router.post(
    "",
    dependencies=[permit(Permission.PERMISSIONS_MANAGE, Need.STEP_UP, proves_itself=True), device_strict],
    status_code=201,
    response_model=Answer[PermissionView],
    responses=error_responses(
        *PROVED_ERRORS,
        PermissionExists,
        PermissionLimit,
        IdempotencyKeyReused,
        has_body=True,
    ),
)
async def create(
    body: NewPermission,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    catalogue: RoleCatalogueDep,
    idempotent: CallerIdempotentDep,
    step_up: StepUpDep,
    now: NowDep,
) -> Response:
    """Add a permission of the app. Admins have it from now on, and can give it to others."""
    spec = PermissionSpec(body.name, body.description, sorted(set(body.needs)))

    async def work() -> PermissionView:
        await step_up.require(caller, body.proofs)
        view = PermissionView.of(spec)
        version = await resources.users.permissions.create(
            spec, author=caller.user.user_id, now=now, receipt=idempotent.new_receipt(body, view)
        )
        await catalogue.announce(version)
        return view

    return success_response(await idempotent.run_once(body, PermissionView, work), "Permission created", 201)


@router.delete(
    "/{name}",
    dependencies=[permit(Permission.PERMISSIONS_MANAGE, Need.STEP_UP), device_strict],
    response_model=Answer[None],
    responses=error_responses(
        *GUARDED_ERRORS,
        InvalidInput,
        PermissionNotFound,
        SystemPermission,
        PermissionInUse,
    ),
)
async def delete(
    name: PermissionNameInPath,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    catalogue: RoleCatalogueDep,
    now: NowDep,
) -> Response:
    """Delete a permission of the app that no role contains and no grant gives."""
    version = await resources.users.permissions.delete(name, author=caller.user.user_id, now=now)
    await catalogue.announce(version)
    return success_response(None, "Permission deleted")
