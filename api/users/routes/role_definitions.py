"""Roles: the built-in ones, and an app's own, which may include others. The name of a role stays."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std, device_strict
from api.deps import CallerDep, CallerIdempotentDep, DeviceCallerDep, NowDep, RoleCatalogueDep, StepUpDep
from api.http.errors import CALLER_ERRORS, GUARDED_ERRORS, PROVED_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.users.deps import ResourcesDep
from api.users.schemas.permissions import PermissionNameInPath
from api.users.schemas.role_definitions import (
    NewRole,
    RoleContents,
    RoleIdInPath,
    RoleList,
    RolePermissions,
    RoleView,
)
from domain.errors import Forbidden, IdempotencyKeyReused, InvalidInput
from domain.users.access import Access
from domain.users.errors import (
    GrantTooWide,
    LastAdmin,
    PermissionNotFound,
    RoleCycle,
    RoleExists,
    RoleInUse,
    RoleLimit,
    RoleNotFound,
    RoleTooDeep,
    SystemRole,
)
from domain.users.permissions import Need, Permission
from domain.users.role_graph import RoleDefinition

router = APIRouter(prefix="/roles", tags=["roles"])

EDITED = (GrantTooWide, RoleNotFound, PermissionNotFound, SystemRole, RoleCycle, RoleTooDeep, LastAdmin)


@router.get(
    "",
    name="list",
    dependencies=[permit(Permission.ROLES_READ, by_key=True), caller_std],
    response_model=Answer[RoleList],
    responses=error_responses(*CALLER_ERRORS, Forbidden),
)
async def list_all(_: CallerDep, resources: ResourcesDep, catalogue: RoleCatalogueDep, now: NowDep) -> Response:
    """List all roles, the built-in ones first."""
    access = await catalogue.newest()
    roles = await _views(list(access.graph.roles.values()), access, resources, now)
    return success_response(RoleList(roles=roles), "Roles found")


@router.get(
    "/{role_id}",
    dependencies=[permit(Permission.ROLES_READ, by_key=True), caller_std],
    response_model=Answer[RoleView],
    responses=error_responses(*CALLER_ERRORS, Forbidden, InvalidInput, RoleNotFound),
)
async def get(
    role_id: RoleIdInPath, _: CallerDep, resources: ResourcesDep, catalogue: RoleCatalogueDep, now: NowDep
) -> Response:
    """Return one role. A built-in one has its name as its id."""
    view = await _find_view(role_id, await catalogue.newest(), resources, now)
    return success_response(view, "Role found")


@router.post(
    "",
    dependencies=[permit(Permission.ROLES_CREATE, Need.STEP_UP, proves_itself=True), device_strict],
    status_code=201,
    response_model=Answer[RoleView],
    responses=error_responses(
        *PROVED_ERRORS,
        GrantTooWide,
        RoleExists,
        RoleNotFound,
        PermissionNotFound,
        RoleCycle,
        RoleTooDeep,
        RoleLimit,
        IdempotencyKeyReused,
        has_body=True,
    ),
)
async def create(
    body: NewRole,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    catalogue: RoleCatalogueDep,
    idempotent: CallerIdempotentDep,
    step_up: StepUpDep,
    now: NowDep,
) -> Response:
    """Add a role, with no right that the caller lacks."""
    role = body.definition(resources.hashes.new_object_id())

    async def work() -> RoleView:
        await step_up.require(caller, body.proofs)
        access = await resources.users.role_definitions.create(
            role,
            author=caller.user.user_id,
            now=now,
            receipt=lambda access: idempotent.new_receipt(body, RoleView.of(role, access, holders=0)),
        )
        await catalogue.announce(access.version)
        return RoleView.of(role, access, holders=0)

    return success_response(await idempotent.run_once(body, RoleView, work), "Role created", 201)


@router.put(
    "/{role_id}",
    name="replace",
    dependencies=[permit(Permission.ROLES_UPDATE, Need.STEP_UP, proves_itself=True), device_strict],
    response_model=Answer[RoleView],
    responses=error_responses(*PROVED_ERRORS, *EDITED, has_body=True),
)
async def replace_contents(
    role_id: RoleIdInPath,
    body: RoleContents,
    caller: DeviceCallerDep,
    step_up: StepUpDep,
    resources: ResourcesDep,
    catalogue: RoleCatalogueDep,
    now: NowDep,
) -> Response:
    """Replace what the role is and gives. It gains no right that the caller lacks."""
    await step_up.require(caller, body.proofs)
    view = await _edit(role_id, body.applied_to, caller, resources, catalogue, now)
    return success_response(view, "Role updated")


@router.delete(
    "/{role_id}",
    dependencies=[permit(Permission.ROLES_DELETE, Need.STEP_UP), device_strict],
    response_model=Answer[None],
    responses=error_responses(*GUARDED_ERRORS, InvalidInput, RoleNotFound, SystemRole, RoleInUse),
)
async def delete(
    role_id: RoleIdInPath,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    catalogue: RoleCatalogueDep,
    now: NowDep,
) -> Response:
    """Delete a role that is not granted to users and that no other role includes."""
    access = await resources.users.role_definitions.delete(role_id, author=caller.user.user_id, now=now)
    await catalogue.announce(access.version)
    return success_response(None, "Role deleted")


@router.post(
    "/{role_id}/permissions",
    dependencies=[permit(Permission.ROLES_UPDATE, Need.STEP_UP, proves_itself=True), device_strict],
    response_model=Answer[RoleView],
    responses=error_responses(*PROVED_ERRORS, *EDITED, has_body=True),
)
async def add_permissions(
    role_id: RoleIdInPath,
    body: RolePermissions,
    caller: DeviceCallerDep,
    step_up: StepUpDep,
    resources: ResourcesDep,
    catalogue: RoleCatalogueDep,
    now: NowDep,
) -> Response:
    """Add permissions to the role, none that the caller lacks. It keeps those that it has."""
    await step_up.require(caller, body.proofs)

    def with_them(role: RoleDefinition) -> RoleDefinition:
        return replace(role, permissions=role.permissions.union(body.permissions))

    view = await _edit(role_id, with_them, caller, resources, catalogue, now)
    return success_response(view, "Permissions added")


@router.delete(
    "/{role_id}/permissions/{name}",
    dependencies=[permit(Permission.ROLES_UPDATE, Need.STEP_UP), device_strict],
    response_model=Answer[RoleView],
    responses=error_responses(*GUARDED_ERRORS, InvalidInput, RoleNotFound, SystemRole, LastAdmin),
)
async def remove_permission(
    role_id: RoleIdInPath,
    name: PermissionNameInPath,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    catalogue: RoleCatalogueDep,
    now: NowDep,
) -> Response:
    """Remove a permission from the role. One that it does not add itself stays."""

    def without_it(role: RoleDefinition) -> RoleDefinition:
        return replace(role, permissions=role.permissions - {name})

    view = await _edit(role_id, without_it, caller, resources, catalogue, now)
    return success_response(view, "Permission removed")


async def _edit(
    role_id: str,
    change: Callable[[RoleDefinition], RoleDefinition],
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    catalogue: RoleCatalogueDep,
    now: NowDep,
) -> RoleView:
    """Make the change known everywhere. Returns the role with it."""
    access = await resources.users.role_definitions.edit(role_id, change, author=caller.user.user_id, now=now)
    await catalogue.announce(access.version)
    return await _find_view(role_id, access, resources, now)


async def _find_view(role_id: str, access: Access, resources: ResourcesDep, now: datetime) -> RoleView:
    role = access.graph.find(role_id)
    if role is None:
        raise RoleNotFound
    (view,) = await _views([role], access, resources, now)
    return view


async def _views(
    roles: Sequence[RoleDefinition], access: Access, resources: ResourcesDep, now: datetime
) -> list[RoleView]:
    holders = await resources.users.role_holders.count([role.name for role in roles], now)
    return [RoleView.of(role, access, holders.get(role.name, 0)) for role in roles]
