"""What the permit of a route costs: the cheapest route that needs a token, with it and without it."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.params import Depends as Dependency
from fastapi.routing import APIRoute
from starlette.types import Message

from adapters.resources import Resources
from api.access.permits import PermitDependency
from api.access.role_catalogue import RoleCatalogue
from api.access.session_cache import SessionCache
from api.auth.routers import ROUTERS
from api.http.access_log import AccessLog
from api.http.middleware import RequestMiddleware
from api.http.static_paths import StaticPaths
from bench.bench import Bench
from bench.figure import Figure, Limit, at_most_times
from domain.rate_limits import Policy
from tests.support.accounts import make_account

PATH = "/auth/user/current"
ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
AMPLE = Policy("bench", 1_000_000, timedelta(seconds=1))
"""A limit that is counted and never reached."""


async def measure(bench: Bench) -> list[Figure]:
    """Ask who the caller is, in this process: middleware, route and its limit in Redis, without the server's socket."""
    bearer = (await make_account(bench.resources)).bearer
    (route,) = [each for each in ROUTES if each.path == PATH]
    bare = [each for each in route.dependencies if not isinstance(each, PermitDependency)]
    apps = [_app(bench.resources, route, dependencies) for dependencies in (route.dependencies, bare)]
    calls = [[await _microseconds(app, bearer) for app in apps] for _ in range(bench.rounds(10_000, 2_000))]
    guarded, unguarded = (statistics.median(each) for each in zip(*calls, strict=True))
    return [
        Figure(
            what=f"GET {PATH} with its permit, CPU of this process, p50",
            ours=guarded,
            unit="µs",
            limit=Limit("the same route without the permit", unguarded),
            want=at_most_times(1.03),
            because="the permit finds the caller whom the limit by user needs anyway, and looks into one set.",
        )
    ]


def _app(resources: Resources, route: APIRoute, dependencies: Sequence[Dependency]) -> FastAPI:
    """Return an API of one route with these dependencies, and what a request finds of its process."""
    app = FastAPI()
    app.add_api_route(PATH, route.endpoint, dependencies=dependencies)
    app.router.routes.insert(0, StaticPaths(app.routes))
    app.add_middleware(RequestMiddleware, access_log=AccessLog())
    app.state.resources = replace(resources, policies=replace(resources.policies, is_enabled=True, std=AMPLE))
    hints = resources.auth.session_invalidations
    app.state.role_catalogue = RoleCatalogue(resources.users.access_head, hints)
    app.state.session_cache = SessionCache(hints)
    return app


async def _microseconds(app: FastAPI, headers: dict[str, str]) -> float:
    """Return the CPU time of this process for one call."""
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": PATH, "scheme": "http", "query_string": b""}
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        statuses.append(message.get("status", 200))

    began = time.process_time()
    await app(scope | {"client": ("127.0.0.1", 1), "headers": raw, "state": {}}, receive, send)
    taken = time.process_time() - began
    assert set(statuses) == {200}
    return taken * 1e6
