"""What is done to the OpenAPI document that FastAPI makes, so that client generators find nothing twice."""

from collections.abc import Mapping
from typing import Any

from api.access.permits import Permit
from api.schemas.examples import Examples, success_example
from domain.errors import RateLimited

Document = dict[str, Any]

REF = "#/components/schemas/"
HEADERS = {
    "Retry-After": {"description": "Seconds until a repeat can succeed.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"description": "`Bearer` (RFC 6750).", "schema": {"type": "string"}},
    "RateLimit-Limit": {
        "description": "Requests in a window, as `X-RateLimit-Limit` too.",
        "schema": {"type": "integer"},
    },
    "RateLimit-Remaining": {"description": "Requests left; `X-RateLimit-Remaining`.", "schema": {"type": "integer"}},
    "RateLimit-Reset": {
        "description": "Seconds until all are back; `X-RateLimit-Reset`.",
        "schema": {"type": "integer"},
    },
}
LIMIT_HEADERS = [name for name in HEADERS if name.startswith("RateLimit")]
LIMITED = str(RateLimited.status)
TOKEN, KEY = "HTTPBearer", "ApiKey"
KEY_SCHEME = {
    "type": "apiKey",
    "in": "header",
    "name": "X-API-Key",
    "description": "An API key whose scopes contain the permission of the operation. A bearer token may be one too.",
}
_DATA = ("default", "enum", "example", "examples")
"""Keywords whose values are data, not schemas."""


def finish(document: Document, examples: Examples, permits: Mapping[str, Permit]) -> None:
    """State the permit of each operation, summarize each by the first sentence of its docstring, name schemas by title.

    `permits`: by the id of the operation.
    """
    names = {key: schema["title"] for key, schema in document["components"]["schemas"].items()}
    by_schema = {schema.__name__: example for schema, example in examples.items()}
    document["paths"] = _tidy(document["paths"], names)
    for item in document["paths"].values():
        for operation in item.values():
            _add_permit(operation, permits[operation["operationId"]])
            sentence, _, _ = operation["description"].partition(". ")
            operation["summary"] = " ".join(sentence.split()).removesuffix(".")
            _add_limit_headers(operation["responses"])
            _add_examples(operation, by_schema)
    document["components"]["headers"] = HEADERS
    document["components"]["securitySchemes"][KEY] = KEY_SCHEME
    document["components"]["schemas"] = {
        names[key]: {**_tidy(schema, names), "title": names[key]}
        for key, schema in document["components"]["schemas"].items()
    }


def _add_permit(operation: dict[str, Any], permit: Permit) -> None:
    """State what the permit asks for. An operation that asks for no permission keeps the security of its own proof."""
    operation["x-permission"] = permit.permission
    operation["x-needs"] = list(permit.needs)
    operation["x-api-key"] = permit.by_key
    if permit.permission is None and not permit.by_key:
        operation.setdefault("security", [])
    else:
        schemes = [TOKEN] + [KEY] * permit.by_key
        operation["security"] = [{scheme: []} for scheme in schemes] + [{}] * permit.is_optional


def _add_limit_headers(responses: dict[str, Any]) -> None:
    """Document the limit on each success of a limited operation, and on 429."""
    for status, response in responses.items():
        if LIMITED in responses and (status == LIMITED or status.startswith("2")):
            response.setdefault("headers", {}).update({name: header_ref(name) for name in LIMIT_HEADERS})


def _add_examples(operation: dict[str, Any], by_schema: Mapping[str, Any]) -> None:
    """Add the example of a body, and that of an answer in its envelope."""
    body = _json_content(operation.get("requestBody", {}))
    if (name := _schema_name(body)) in by_schema:
        body["example"] = by_schema[name]
    for status, response in operation["responses"].items():
        answer = _json_content(response)
        if (name := _schema_name(answer)) in by_schema:
            answer["example"] = by_schema[name]
        elif name.endswith("Answer"):
            answer["example"] = success_example(by_schema.get(name.removesuffix("Answer")), int(status))


def _json_content(described: Mapping[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = described.get("content", {}).get("application/json", {})
    return content


def _schema_name(content: Mapping[str, Any]) -> str:
    """Return the name of a body's schema; empty if it has none. A body that may be missing is `anyOf` that or null."""
    schema = content.get("schema", {})
    reference: str = schema.get("anyOf", [schema])[0].get("$ref", "")
    return reference.removeprefix(REF)


def header_ref(name: str) -> dict[str, str]:
    """Return the reference to a header that HEADERS describes."""
    return {"$ref": f"#/components/headers/{name}"}


def _tidy(part: Any, names: Mapping[str, str]) -> Any:
    """Return a part of the document that refers to schemas by their titles, and in which fields have none: a title that
    is made of a field's name repeats, and generators name types by it.
    """
    if isinstance(part, list):
        return [_tidy(each, names) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {key: value for key, value in part.items() if key != "title" or isinstance(value, dict)}
    tidied = {key: value if key in _DATA else _tidy(value, names) for key, value in kept.items()}
    if isinstance(fields := kept.get("properties"), dict):
        # A field may have the name of a keyword.
        tidied["properties"] = {name: _tidy(schema, names) for name, schema in fields.items()}
    if "$ref" in tidied and tidied["$ref"].startswith(REF):
        tidied["$ref"] = REF + names[tidied["$ref"].removeprefix(REF)]
    return tidied
