"""Requests for paths without parameters find their route by one look-up, before the framework's walk.

The walk tries the routes of one router after the other, twice, and takes longer than the cheapest requests themselves
(docs/decisions/0056). Whatever is not in the table goes the framework's way: paths with parameters, wrong methods,
unknown paths.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute, Match, request_response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.compiled_routes import compile_handler


@dataclass(frozen=True)
class _Target:
    route: APIRoute
    app: ASGIApp


class StaticPaths(BaseRoute):
    """One route in front of all others, which stands for those of `routes` that have no parameter in their path."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._targets: dict[tuple[str, str], _Target] = {}
        for context in iter_route_contexts(routes):
            route = context.original_route
            if isinstance(route, APIRoute) and not route.param_convertors:
                target = _Target(route, request_response(compile_handler(context)))
                for method in route.methods or ():
                    self._targets.setdefault((method, route.path), target)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return a full match, with what the walk would add to the scope, or none."""
        target = self._targets.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if target is None:
            return Match.NONE, {}
        return Match.FULL, {"endpoint": target.route.endpoint, "path_params": {}, "route": target.route}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route that `matches` has found answer."""
        await self._targets[scope["method"], scope["path"]].app(scope, receive, send)
