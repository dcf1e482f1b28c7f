"""Requests generated from docs/openapi.json: no server error, every response as documented."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from api.openapi import PATH
from devstack.stack import Stack
from tests.support.soak import count_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]

# By `schemathesis.parametrize()` all operations have one test id in pytest 9.2, and xdist would run only the first.
FOUND = schemathesis.openapi.from_path(PATH).get_all_operations()
OPERATIONS = [found.ok() for found in FOUND]  # type: ignore[union-attr]  # a document with a mistake fails here


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
@settings(max_examples=count_of(20), deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_generated_request_is_answered_as_documented(
    operation: APIOperation[Any, Any, Any, Any], data: st.DataObject, stack: Stack
) -> None:
    case = data.draw(st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode]))

    case.call_and_validate(base_url=stack.url("api"), checks=CHECKS)
