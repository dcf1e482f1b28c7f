"""The permission that each route asks for, as the first entry of its `dependencies`, and what it needs besides.

It authenticates the caller, so limits by user and the route itself find them. Only a permit lets an API key in: without
one every key is refused. A house test checks that each route has a permit or is open to all. Routes of areas below
users take the names of permissions and needs from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from fastapi.params import Depends as Dependency
from fastapi.routing import APIRoute

from adapters.resources import Resources
from api.access.authentication import Caller
from api.access.callers import find_caller, require_caller, require_device_caller
from api.access.key_authentication import KeyCaller
from api.access.request_context import current_time
from api.access.role_catalogue import RoleCatalogue
from domain.auth.errors import ScopeMissing, SecondFactorRequired
from domain.auth.sessions import refusal_for_step_up
from domain.errors import Forbidden, NotAuthenticated
from domain.users.permissions import Need as Need
from domain.users.permissions import Permission as Permission


@dataclass(frozen=True)
class Permit:
    """What a route asks of its caller. `permission`: None on a route that is open to all.

    `is_optional`: a caller without credentials is let in as well. `by_key`: an API key with the permission as its
    scope will do. `proves_itself`: the route takes proofs in its body, and so checks the step-up. `instead`: another
    permission that lets in as well; the route checks which of both it takes.
    """

    permission: Permission | None
    needs: Sequence[Need] = ()
    is_optional: bool = False
    by_key: bool = False
    proves_itself: bool = False
    instead: Permission | None = None


@dataclass(frozen=True)
class PermitDependency(Dependency):
    """An entry of `dependencies` that states its permit, for the contract and the tests."""

    stated: Permit = Permit(None)


def permit(
    permission: Permission,
    *needs: Need,
    by_key: bool = False,
    is_optional: bool = False,
    proves_itself: bool = False,
    instead: Permission | None = None,
) -> PermitDependency:
    """Return a dependency that lets in callers with this permission, who meet the needs.

    It raises Forbidden, KeyNotAllowed, ScopeMissing, DeviceNotTrusted, StepUpRequired, SecondFactorRequired and what
    authentication raises.
    """
    stated = Permit(permission, needs, is_optional, by_key, proves_itself, instead)
    find = find_caller if is_optional else require_device_caller if needs else require_caller
    accepted = frozenset({permission, instead} if instead else {permission})

    async def check(request: Request) -> None:
        request.state.takes_keys = by_key
        caller = await find(request)
        if caller is None:
            return
        await _require_one_of(request, caller, accepted)
        if Need.STEP_UP in needs and not proves_itself:
            await _require_step_up(request)
        if Need.SECOND_FACTOR in needs:
            await _require_second_factor(request, caller)

    return PermitDependency(check, stated=stated)


async def _open(_: Request) -> None:
    """Let everyone in."""


open_to_all = PermitDependency(_open)
"""The permit of a route that asks for no account: it is public, or has another proof such as a flow id."""


def permit_of(route: APIRoute) -> Permit:
    """Return what a route states. Raises ValueError unless it has one permit."""
    (stated,) = [each.stated for each in route.dependencies if isinstance(each, PermitDependency)]
    return stated


async def require_key_caller(request: Request) -> KeyCaller:
    """Return the caller of an API key, whatever its scopes. Raises what `require_caller` raises."""
    request.state.takes_keys = True
    caller = await require_caller(request)
    if not isinstance(caller, KeyCaller):
        raise NotAuthenticated
    return caller


async def _require_key(request: Request) -> None:
    await require_key_caller(request)


any_key = PermitDependency(_require_key, stated=Permit(None, by_key=True))
"""The permit of a route about the key that calls it: every key, and nothing else."""


async def require_permission(request: Request, permission: Permission) -> Caller:
    """Return the caller if they have the permission now; by an API key only within its scopes.

    Raises Forbidden, ScopeMissing, and what `require_caller` raises.
    """
    caller = await require_caller(request)
    await _require_one_of(request, caller, frozenset({permission}))
    return caller


async def _require_one_of(request: Request, caller: Caller, accepted: frozenset[str]) -> None:
    if isinstance(caller, KeyCaller):
        accepted = accepted.intersection(caller.key.scopes)
        if not accepted:
            raise ScopeMissing
    catalogue: RoleCatalogue = request.app.state.role_catalogue
    if accepted.isdisjoint(await catalogue.permissions_of(caller.user, current_time())):
        raise Forbidden


async def _require_step_up(request: Request) -> None:
    caller = await require_device_caller(request)
    has_second_factor = await _has_second_factor(request, caller)
    refusal = refusal_for_step_up(caller.session, current_time(), has_second_factor=has_second_factor)
    if refusal:
        raise refusal


async def _require_second_factor(request: Request, caller: Caller) -> None:
    if not await _has_second_factor(request, caller):
        raise SecondFactorRequired


async def _has_second_factor(request: Request, caller: Caller) -> bool:
    resources: Resources = request.app.state.resources
    two_factor = await resources.auth.two_factors.find(caller.user.user_id)
    return two_factor is not None and two_factor.is_enabled
