"""The look-up of paths without parameters finds what the framework's walk over all routers finds."""

import itertools
from typing import Any

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Message, Scope

from api.app import EXAMPLES, TAGS, routes
from api.http.contract import ContractApi
from api.http.static_paths import StaticPaths
from domain.errors import DecodeError

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get")
RUNS_ALONE = (AssertionError, AttributeError, DecodeError, RequestValidationError)
"""How a route ends that has been found and runs without an app around it."""
ROUTER = ContractApi(routes(), TAGS, EXAMPLES, openapi_url=None).router
LOOK_UP = ROUTER.routes[0]
WALK = APIRouter(routes=ROUTER.routes[1:], redirect_slashes=False)
PATHS = sorted({str(context.path) for context in iter_route_contexts(WALK.routes)})
STATIC = [path for path in PATHS if "{" not in path]


def variants(path: str) -> list[str]:
    """Return paths that differ little."""
    filled = path.replace("{", "").replace("}", "")
    return [
        filled,
        f"{path}/",
        f"/{path}",
        f"{path}/me",
        path.upper(),
        path[:-1],
        path.rpartition("/")[0],
        f"{path}?",
    ]


def scope_of(method: str, path: str) -> Scope:
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": [], "query_string": b""}
    return {**scope, "app": None}


async def outcome(router: APIRouter, method: str, path: str) -> dict[str, Any]:
    """What the router adds to the scope that ours reads, and its own error, for an unknown path or method. A route
    that is found fails or answers, without an app around it.
    """
    scope = scope_of(method, path)
    refusal = None

    async def send(_: Message) -> None: ...

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    try:
        await router(scope, receive, send)
    except HTTPException as error:
        refusal = repr(error)
    except RUNS_ALONE:
        refusal = None
    return {name: scope.get(name) for name in ("route", "endpoint", "path_params")} | {"refusal": refusal}


async def test_every_request_finds_what_the_walk_finds() -> None:
    requests = [
        *itertools.product(METHODS, PATHS),
        *itertools.product(("GET", "POST"), {variant for path in PATHS for variant in variants(path)}),
    ]

    differing = [each for each in requests if await outcome(ROUTER, *each) != await outcome(WALK, *each)]

    assert differing == []


def test_paths_without_parameters_are_found_by_the_look_up_and_no_others() -> None:
    assert isinstance(LOOK_UP, StaticPaths)
    found = {
        path for path in PATHS if any(LOOK_UP.matches(scope_of(method, path))[0] is Match.FULL for method in METHODS)
    }

    assert found == set(STATIC)
    assert len(found) > 50


def test_socket_is_none_of_its_paths() -> None:
    assert LOOK_UP.matches({"type": "websocket", "path": STATIC[0]}) == (Match.NONE, {})
