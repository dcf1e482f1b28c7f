"""The contract: one OpenAPI document, made from the routes, at /openapi.json and in docs/openapi.json."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute

from api.access.permits import permit_of
from api.http.contract_document import Document, finish
from api.http.static_paths import StaticPaths
from api.http.version import VERSION
from api.schemas.examples import Examples

SERVERS = [
    {"url": "/", "description": "The server that this document comes from"},
    {"url": "http://127.0.0.1:4000", "description": "The API of `make run`"},
]
CONTACT = {"name": "The operator of this installation"}
DESCRIPTION = """\
Accounts, sign-in, relationships and notifications for apps.

Every response is an envelope: `data` holds the result, `error` the name of an error. What takes more than one step is a
*flow*: the response is 202 with an id, and `flows.get` shows what the flow waits for. An `Idempotency-Key` makes it
safe to repeat a request. After `DependencyUnavailable` a change may still happen: repeated with its key it counts once,
without one perhaps twice. Notifications as they happen are described in asyncapi.yaml.

Every response has a `requestId`. A client may choose it, by `X-Request-ID`: 8 to 128 of `A-Z`, `a-z`, `0-9`, `.`, `_`
and `-`; anything else is replaced. Logs keep it, and the journal for as long as its entries, also after an erasure: let
it be random, and say nothing about a person.
"""


class ContractApi(FastAPI):
    """An API whose OpenAPI document is the contract. `routes`: of `contract_routes`."""

    def __init__(
        self, routes: Sequence[BaseRoute], tags: Mapping[str, str], examples: Examples, **options: Any
    ) -> None:
        super().__init__(
            title="Decode",
            version=VERSION,
            description=DESCRIPTION,
            servers=SERVERS,
            contact=CONTACT,
            openapi_tags=[{"name": name, "description": text} for name, text in tags.items()],
            generate_unique_id_function=operation_id,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            **options,
        )
        self.router.routes.extend(routes)
        self._examples = examples
        self._permits = {
            operation_id(context.original_route): permit_of(context.original_route)
            for context in iter_route_contexts(routes)
            if isinstance(context.original_route, APIRoute)
        }

    def openapi(self) -> Document:
        """Return the document, which is made once."""
        if self.openapi_schema is None:
            finish(super().openapi(), self._examples, self._permits)
        assert self.openapi_schema is not None  # noqa: S101 - made above
        return self.openapi_schema


def contract_routes(routers: Sequence[APIRouter]) -> Sequence[BaseRoute]:
    """Return the routes of these routers, which any number of apps can share."""
    together = APIRouter(generate_unique_id_function=operation_id, redirect_slashes=False)
    for router in routers:
        together.include_router(router)
    return [StaticPaths(together.routes), *together.routes]


def operation_id(route: APIRoute) -> str:
    """Return `<tag>.<name>` in camel case: the tag of the router, the name of the route, which is that of its function
    unless the route states one. Client generators make it the name of a method.
    """
    return f"{_camel_case(str(route.tags[0]))}.{_camel_case(route.name)}"


def _camel_case(name: str) -> str:
    first, *others = re.split("[-_]", name)
    return first + "".join(word.capitalize() for word in others)
