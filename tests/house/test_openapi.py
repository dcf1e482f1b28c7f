"""docs/openapi.json matches the API and describes the purpose of every route."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from api.app import ROUTERS
from api.openapi import PATH, contract

DOCUMENT: dict[str, Any] = json.loads(contract())
UNLIMITED = re.compile(r"/|/health.*|/\.well-known/.*")
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}


def routes() -> Iterator[str]:
    """Method and path of everything that the routers answer. HEAD, which is GET without the body, is not listed."""
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield from (f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"})


def test_committed_document_is_current() -> None:
    assert PATH.read_text() == contract(), "run: make openapi"


def test_every_route_is_in_it_and_nothing_else() -> None:
    assert OPERATIONS.keys() == set(routes())


@pytest.mark.parametrize("operation", OPERATIONS)
def test_route_says_what_it_is_for(operation: str) -> None:
    assert OPERATIONS[operation]["summary"]
    assert OPERATIONS[operation]["description"].endswith(".")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_route_stands_under_a_heading(operation: str) -> None:
    assert len(OPERATIONS[operation]["tags"]) == 1


def test_operations_have_ids_of_their_own() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]

    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if not UNLIMITED.fullmatch(each.split()[1])])
def test_route_says_that_it_is_limited(operation: str) -> None:
    assert "`RateLimited`" in OPERATIONS[operation]["responses"]["429"]["description"]
