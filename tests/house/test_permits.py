"""Each route states what it asks of its caller before anything else, but for limits by address."""

from collections.abc import Sequence

import pytest
from fastapi.params import Depends as Dependency
from fastapi.routing import APIRoute

from api.access.permits import PermitDependency, permit_of
from api.access.route_limits import by_failures, start, std, strict, unlimited
from api.app import ROUTERS
from api.operations.flow_owner import PERMISSIONS as PERMISSIONS_OF_FLOWS
from domain.flows import FLOWS, StartedBy
from domain.users.permissions import PERMISSIONS, Need

BY_ADDRESS = (std, strict, start, by_failures, unlimited)
"""Limits that look at no caller: they may count a flood with bad tokens before it is authenticated."""
WITHOUT_STEP_UP = {"PUT /users/profile/role"}
"""Older than step-up: its present clients bring no proof."""


def name(route: APIRoute) -> str:
    return f"{min(route.methods or ())} {route.path}"


ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
GUARDED = [route for route in ROUTES if permit_of(route).permission is not None]
BY_KEY = [route for route in GUARDED if permit_of(route).by_key]


def after_limits_by_address(dependencies: Sequence[Dependency]) -> Dependency:
    return next(each for each in dependencies if each not in BY_ADDRESS)


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_permit_comes_first(route: APIRoute) -> None:
    assert isinstance(after_limits_by_address(route.dependencies), PermitDependency)


@pytest.mark.parametrize("route", [each for each in GUARDED if name(each) not in WITHOUT_STEP_UP], ids=name)
def test_route_has_the_needs_of_its_permission(route: APIRoute) -> None:
    stated = permit_of(route)

    assert set(PERMISSIONS[stated.permission or ""].needs) <= set(stated.needs)


@pytest.mark.parametrize("route", BY_KEY, ids=name)
def test_key_opens_only_what_is_a_scope_and_needs_no_device(route: APIRoute) -> None:
    stated = permit_of(route)

    assert (PERMISSIONS[stated.permission or ""].is_scope, stated.needs) == (True, ())


def test_only_a_route_with_step_up_takes_proofs_itself() -> None:
    assert {permit_of(each).needs for each in ROUTES if permit_of(each).proves_itself} == {(Need.STEP_UP,)}


def test_route_with_a_body_and_step_up_takes_proofs_in_it() -> None:
    with_body = [each for each in ROUTES if (each.methods or set()) & {"POST", "PUT", "PATCH"}]

    assert [name(each) for each in with_body if needs_step_up(each) and not permit_of(each).proves_itself] == []


def needs_step_up(route: APIRoute) -> bool:
    return Need.STEP_UP in permit_of(route).needs


def test_each_flow_that_belongs_to_no_user_has_a_permission() -> None:
    assert {kind for kind, spec in FLOWS.items() if spec.started_by is StartedBy.ADMIN} == PERMISSIONS_OF_FLOWS.keys()
