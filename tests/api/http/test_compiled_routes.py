"""Compiled handlers do what the framework's own do, and refuse what they cannot do."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import BackgroundTasks, Body, Depends, FastAPI, Header, Request, Response
from fastapi.routing import APIRoute, iter_route_contexts

from api.app import ROUTERS, create_app
from api.http.compiled_routes import compile_handler
from api.http.static_paths import StaticPaths
from config.settings import Settings
from tests.support.people import SignedIn

ROUTES = [
    route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute) and "{" not in route.path
]
BAD_BODIES = [
    b'{"unknown": 1}',
    b"[]",
    b'"text"',
    b"{",
    b'{"email": "\xff"}',
    b"[" * 50_000,
    b"{" + b" " * 70_000 + b"}",
]
BAD_QUERY = "page=x&limit=-1&q=&username=%00&user_id=x&day=yesterday&cursor=%F0%9F"
JSON = {"Content-Type": "application/json"}
TIMES = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)")

Sent = tuple[str, str, dict[str, str], bytes]


def strange_requests(bearer: dict[str, str]) -> Iterator[Sent]:
    """Requests that change nothing: each route with a bad body or query, without a token, and with a bad one."""
    for route in ROUTES:
        method = min(route.methods or ())
        yield from ((method, route.path, headers, b"") for headers in ({}, {"Authorization": "Bearer x"}))
        if route.body_field:
            yield from ((method, route.path, bearer | JSON, body) for body in BAD_BODIES)
            yield method, route.path, JSON | {"Idempotency-Key": "#"}, BAD_BODIES[0]
        elif method == "GET":
            yield method, f"{route.path}?{BAD_QUERY}", bearer, b""


async def answer(client: httpx.AsyncClient, sent: Sent) -> tuple[int, list[tuple[str, str]], bytes]:
    method, path, headers, body = sent
    response = await client.request(method, path, headers={**headers, "X-Request-ID": "the-same-id"}, content=body)
    return response.status_code, response.headers.multi_items(), TIMES.sub(b"", response.content)


@pytest.fixture
async def compiled(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield client_of(app)


@pytest.fixture
async def plain(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The same API without the look-up, so that every handler is the framework's."""
    app = create_app(settings)
    app.router.routes.pop(0)
    async with app.router.lifespan_context(app):
        yield client_of(app)


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://compare.test", timeout=30)


async def test_every_route_answers_byte_for_byte_as_by_the_framework(
    compiled: httpx.AsyncClient, plain: httpx.AsyncClient, someone: SignedIn
) -> None:
    requests = [*strange_requests(someone.bearer)]
    answers = [(each, await answer(compiled, each), await answer(plain, each)) for each in requests]

    assert [(each[:3], each[3][:20], ours, theirs) for each, ours, theirs in answers if ours != theirs] == []
    assert {ours[0] for _, ours, _ in answers} >= {200, 401, 403, 413, 422}


async def reads_nothing() -> None: ...


async def takes_a_header(request: Request, number: Annotated[int, Header()]) -> int:
    request.state.calls = getattr(request.state, "calls", 0) + 1
    return number


async def takes_another(x_other: Annotated[int, Header()], number: Annotated[int, Depends(takes_a_header)]) -> int:
    return x_other + number


NumberDep = Annotated[int, Depends(takes_a_header)]
SumDep = Annotated[int, Depends(takes_another)]


async def adds(
    request: Request, number: NumberDep, total: SumDep, again: NumberDep, query: int, flag: bool = True
) -> Response:
    return Response(f"{number} {total} {again} {query} {flag} calls: {request.state.calls}")


async def embeds(first: Annotated[int, Body()], second: Annotated[int, Body()]) -> Response:
    return Response(f"{first} {second}")


def toy(endpoint: Callable[..., Any], is_compiled: bool) -> httpx.AsyncClient:
    app = FastAPI()
    app.post("/", dependencies=[Depends(reads_nothing)])(endpoint)
    if is_compiled:
        app.router.routes.insert(0, StaticPaths(app.routes))
    return client_of(app)


@pytest.mark.parametrize(
    "headers",
    [{"number": "1", "x-other": "2"}, {"number": "1"}, {"x-other": "2"}, {"number": "x", "x-other": "y"}, {}],
)
@pytest.mark.parametrize("query", ["query=3", "query=3&flag=no", "query=x&flag=y", ""])
async def test_dependencies_are_called_once_and_all_faults_are_named(headers: dict[str, str], query: str) -> None:
    sent = ("POST", f"/?{query}", headers, b"")

    assert await answer(toy(adds, is_compiled=True), sent) == await answer(toy(adds, is_compiled=False), sent)


@pytest.mark.parametrize("body", [b'{"first": 1, "second": 2}', b'{"first": 1}', b"[]", b"1", b"", b"{"])
async def test_two_parts_of_a_body_are_found_by_name(body: bytes) -> None:
    sent = ("POST", "/", JSON, body)

    assert await answer(toy(embeds, is_compiled=True), sent) == await answer(toy(embeds, is_compiled=False), sent)


def is_no_coroutine() -> None: ...


async def yields() -> AsyncIterator[int]:
    yield 1


class IsNoCoroutine:
    def __call__(self) -> None: ...


async def returns_no_response() -> dict[str, int]:
    return {}


async def needs_a_thread(_: Annotated[None, Depends(is_no_coroutine)]) -> Response:
    return Response()


async def needs_an_instance(_: Annotated[None, Depends(IsNoCoroutine())]) -> Response:
    return Response()


async def needs_a_generator(_: Annotated[int, Depends(yields)]) -> Response:
    return Response()


async def needs_no_cache(_: Annotated[None, Depends(reads_nothing, use_cache=False)]) -> Response:
    return Response()


async def needs_the_response(response: Response) -> Response:
    return response


async def needs_background_tasks(tasks: BackgroundTasks) -> Response:
    return Response()


@pytest.mark.parametrize(
    "endpoint",
    [
        returns_no_response,
        needs_a_thread,
        needs_an_instance,
        needs_a_generator,
        needs_no_cache,
        needs_the_response,
        needs_background_tasks,
    ],
)
def test_route_that_needs_more_of_the_framework_is_refused_at_the_start(endpoint: Callable[..., Any]) -> None:
    (route,) = iter_route_contexts([APIRoute("/", endpoint, response_model=None)])

    with pytest.raises(TypeError):
        compile_handler(route)
