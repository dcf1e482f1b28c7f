"""Handlers of routes whose dependencies are found once, at the start, instead of with each request.

FastAPI walks the tree of a route's dependencies with each request and asks anew what each of them is. Here the tree is
walked once, and what is left for a request is done in the framework's order: dependencies, parameters, body, then one
error with all that is wrong with the input.

`Dependant`, `request_params_to_args`, `request_body_to_args` and `_embed_body_fields` are undocumented parts of the
framework. If an upgrade changes them, tests/api/http/test_compiled_routes.py fails, which compares the handlers with
the framework's own. Then let `StaticPaths` take `context.app` and remove this module: nothing else knows of it.
"""

import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import RouteContext
from pydantic_core import PydanticUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Awaitable[Response]]
Arguments = dict[str, Any]
Faults = list[Any]
"""What is wrong with the input, as `RequestValidationError` takes it."""

UNSUPPORTED = (
    "background_tasks_param_name",
    "concurrency",
    "http_connection_param_name",
    "response_param_name",
    "security_scopes_param_name",
    "websocket_param_name",
)
"""Attributes of a `Dependant` that those of our routes leave empty."""


def compile_handler(route: RouteContext) -> Handler:
    """Return the handler of a route: the endpoint's response to a request, or RequestValidationError.

    Raises TypeError if the route needs more of the framework than coroutines that end in a `Response`.
    """
    endpoint: Any = route.endpoint
    has_body = route.body_field is not None
    if not issubclass(inspect.signature(endpoint).return_annotation, Response):
        raise TypeError(f"{route.path} does not return a Response")
    compiled = _Compiled(route.dependant, embeds=route._embed_body_fields)

    async def handle(request: Request) -> Response:
        body = await _read_json(request) if has_body else PydanticUndefined
        arguments, faults = await compiled.find_arguments(_Input(request, body))
        if faults:
            raise RequestValidationError(faults)
        response: Response = await endpoint(**arguments)
        return response

    return handle


@dataclass(frozen=True)
class _Input:
    """A request. `results`: of the dependencies called so far, each of which is called once."""

    request: Request
    body: Any
    results: dict[Any, Any] = field(default_factory=dict)


class _Compiled:
    """A dependency or an endpoint, with where its arguments come from."""

    def __init__(self, dependant: Dependant, *, embeds: bool) -> None:
        self._name, self._call = dependant.name, _coroutine_of(dependant)
        self._dependencies = [_Compiled(each, embeds=embeds) for each in dependant.dependencies]
        parameters = {
            "path_params": dependant.path_params,
            "query_params": dependant.query_params,
            "headers": dependant.header_params,
            "cookies": dependant.cookie_params,
        }
        self._parameters = [(part, fields) for part, fields in parameters.items() if fields]
        self._body_fields, self._embeds = dependant.body_params, embeds
        self._request_name = dependant.request_param_name

    async def find_arguments(self, input: _Input) -> tuple[Arguments, Faults]:
        """Return the arguments of the call, whose dependencies have been called, and what is wrong with the input."""
        arguments, faults = await self._call_dependencies(input)
        for part, fields in self._parameters:
            found, wrong = request_params_to_args(fields, getattr(input.request, part))
            arguments |= found
            faults += wrong
        if self._body_fields:
            found, wrong = await request_body_to_args(self._body_fields, input.body, self._embeds)
            arguments |= found
            faults += wrong
        if self._request_name:
            arguments[self._request_name] = input.request
        return arguments, faults

    async def _call_dependencies(self, input: _Input) -> tuple[Arguments, Faults]:
        """Return the results by name. One whose own input is wrong is not called, the others are all the same."""
        results: Arguments = {}
        faults: Faults = []
        for each in self._dependencies:
            if each._call not in input.results:
                arguments, wrong = await each.find_arguments(input)
                if wrong:
                    faults += wrong
                    continue
                input.results[each._call] = await each._call(**arguments)
            if each._name:
                results[each._name] = input.results[each._call]
        return results, faults


def _coroutine_of(dependant: Dependant) -> Callable[..., Awaitable[Any]]:
    call: Any = dependant.call
    is_coroutine = inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(type(call).__call__)
    if not is_coroutine or not dependant.use_cache or any(getattr(dependant, name) for name in UNSUPPORTED):
        raise TypeError(f"{call} is more than a coroutine that takes the request, parameters or a body")
    coroutine: Callable[..., Awaitable[Any]] = call
    return coroutine


async def _read_json(request: Request) -> Any:
    """Return the body, which the middleware has let pass as JSON.

    Raises RequestValidationError if it is none, and HTTPException if it is too large (413) or cannot be read (400).
    """
    try:
        return await request.json() if await request.body() else PydanticUndefined
    except json.JSONDecodeError as error:
        fault = {"type": "json_invalid", "loc": ("body", error.pos), "msg": "JSON decode error", "input": {}}
        raise RequestValidationError([fault | {"ctx": {"error": error.msg}}]) from error
    except HTTPException:
        raise
    except Exception as error:  # too deep, not UTF-8, or the client is gone
        raise HTTPException(400) from error
