"""The contract at /openapi.json: the committed document, with all that a generator and a reader need."""

import json
import re
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from api.app import EXAMPLES
from api.openapi import PATH, contract
from api.schemas.envelope import Body
from domain.error_codes import ERRORS
from tests.api.contract_shapes import refused_fields

DOCUMENT = json.loads(contract())
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [operation for item in DOCUMENT["paths"].values() for operation in item.values()]
PROBLEMS = [
    pytest.param(status, response, id=f"{operation['operationId']} {status}")
    for operation in OPERATIONS
    for status, response in operation["responses"].items()
    if status >= "400"
]


def schema_of(response: dict[str, Any]) -> dict[str, Any]:
    name = response["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    found: dict[str, Any] = SCHEMAS[name]
    return found


def titles(part: Any) -> list[str]:
    """Return the titles of all schemas in a part of the document."""
    if isinstance(part, list):
        return [title for each in part for title in titles(each)]
    if not isinstance(part, dict):
        return []
    own = [part["title"]] if isinstance(part.get("title"), str) else []
    return own + [title for key, each in part.items() if key not in ("example", "examples") for title in titles(each)]


async def test_served_document_is_the_committed_one(api: httpx.AsyncClient) -> None:
    served = await api.get("/openapi.json")

    assert served.json() == json.loads(PATH.read_text(encoding="utf-8"))


def test_every_tag_in_use_is_described_and_no_other() -> None:
    described = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}

    assert described.keys() == {tag for operation in OPERATIONS for tag in operation["tags"]}
    assert all(text.endswith(".") for text in described.values())


def test_every_operation_says_who_may_call_it() -> None:
    unsaid = [operation["operationId"] for operation in OPERATIONS if "security" not in operation]

    assert unsaid == []


def test_public_operation_needs_no_token() -> None:
    assert DOCUMENT["paths"]["/auth/login"]["post"]["security"] == []


def test_operations_that_take_a_token_or_none_say_both() -> None:
    optional = {each["operationId"]: each["security"] for each in OPERATIONS if {} in each["security"]}

    assert optional.keys() == {"profiles.get", "relationships.getUser", "flows.cancel"}
    assert all({"HTTPBearer": []} in security for security in optional.values())


def test_document_says_where_it_is_served_and_whom_to_ask() -> None:
    assert DOCUMENT["servers"]
    assert DOCUMENT["info"]["contact"]
    assert DOCUMENT["info"]["version"] != "0.0.0"


def test_summary_is_the_first_sentence() -> None:
    revoked = DOCUMENT["paths"]["/auth/session/revoke"]["post"]

    assert (revoked["summary"], revoked["description"]) == (
        "End one of the caller's sessions",
        "End one of the caller's sessions.",
    )


def test_no_title_is_there_twice() -> None:
    found = titles(DOCUMENT["paths"]) + titles(SCHEMAS)

    assert sorted(found) == sorted(set(found))
    assert set(found) == set(SCHEMAS)


@pytest.mark.parametrize("kind", ["schemas", "headers"])
def test_no_component_is_unused(kind: str) -> None:
    text = json.dumps(DOCUMENT)
    unused = [name for name in DOCUMENT["components"][kind] if f'"#/components/{kind}/{name}"' not in text]

    assert unused == []


@pytest.mark.parametrize(("status", "response"), PROBLEMS)
def test_error_response_lists_the_errors_of_its_status(status: str, response: dict[str, Any]) -> None:
    listed = schema_of(response)["properties"]["error"]["enum"]

    assert sorted(re.findall(r"`(\w+)`", response["description"])) == listed
    assert {ERRORS[name].status for name in listed} == {int(status)}


def test_refused_input_says_which_fields() -> None:
    details = SCHEMAS["InvalidInputProblem"]["properties"]["details"]

    assert details == {"type": "array", "items": {"$ref": "#/components/schemas/InvalidField"}}


def test_error_without_details_has_no_such_field() -> None:
    assert "details" not in SCHEMAS["RateLimitedProblem"]["properties"]


def test_headers_are_documented_where_they_are_sent() -> None:
    responses = DOCUMENT["paths"]["/users/profile/me"]["get"]["responses"]
    limits = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}

    headers = {status: response.get("headers", {}).keys() for status, response in responses.items()}

    assert headers == {
        "200": limits,
        "401": {"WWW-Authenticate"},
        "403": set(),
        "422": set(),
        "429": {"Retry-After", *limits},
        "500": set(),
        "503": {"Retry-After"},
    }


BODIES = {each: example for each, example in EXAMPLES.items() if issubclass(each, Body)}


def with_content(kind: str) -> list[Any]:
    """Return the JSON content of each request body, or of each success, by operation."""
    described = {
        "body": [(each["operationId"], each["requestBody"]) for each in OPERATIONS if "requestBody" in each],
        "answer": [
            (f"{each['operationId']} {status}", response)
            for each in OPERATIONS
            for status, response in each["responses"].items()
            if status.startswith("2")
        ],
    }[kind]
    found = [
        (name, part["content"]["application/json"]) for name, part in described if "application/json" in part["content"]
    ]
    return [pytest.param(content, id=name) for name, content in found]


@pytest.mark.parametrize("content", with_content("body") + with_content("answer"))
def test_example_is_as_its_schema_says(content: dict[str, Any]) -> None:
    registry = {"components": DOCUMENT["components"], **content["schema"]}

    assert [error.message for error in Draft202012Validator(registry).iter_errors(content["example"])] == []


@pytest.mark.parametrize("content", with_content("answer"))
def test_example_of_an_answer_has_all_fields_and_no_other(content: dict[str, Any]) -> None:
    strict = json.loads(json.dumps({"components": DOCUMENT["components"], **content["schema"]}), object_hook=_closed)

    assert [error.message for error in Draft202012Validator(strict).iter_errors(content["example"])] == []


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "additionalProperties": False} if "required" in schema and "properties" in schema else schema


@pytest.mark.parametrize("body", BODIES)
def test_example_of_a_body_is_accepted(body: type[Body]) -> None:
    assert refused_fields(body, BODIES[body]) == []


def test_every_example_is_of_a_schema_in_use() -> None:
    assert {each.__name__ for each in EXAMPLES} <= SCHEMAS.keys()
