"""Requests generated from docs/openapi.json: no server error, every response as documented."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
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

document = schemathesis.openapi.from_path(PATH)


@document.parametrize()
@settings(max_examples=count_of(20), deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_generated_request_is_answered_as_documented(case: schemathesis.Case[Any], stack: Stack) -> None:
    case.call_and_validate(base_url=stack.url("api"), checks=CHECKS)
