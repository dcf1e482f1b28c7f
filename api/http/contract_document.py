"""What is done to the OpenAPI document that FastAPI makes, so that client generators find nothing twice."""

from collections.abc import Mapping
from typing import Any

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
_DATA = ("default", "enum", "example", "examples")
"""Keywords whose values are data, not schemas."""


def finish(document: Document) -> None:
    """Mark public operations as such, summarize each by the first sentence of its docstring, name schemas by title."""
    names = {key: schema["title"] for key, schema in document["components"]["schemas"].items()}
    for item in document["paths"].values():
        for operation in item.values():
            operation.setdefault("security", [])
            sentence, _, _ = operation["description"].partition(". ")
            operation["summary"] = " ".join(sentence.split()).removesuffix(".")
            _add_limit_headers(operation["responses"])
    document["paths"] = _tidy(document["paths"], names)
    document["components"]["headers"] = HEADERS
    document["components"]["schemas"] = {
        names[key]: {**_tidy(schema, names), "title": names[key]}
        for key, schema in document["components"]["schemas"].items()
    }


def _add_limit_headers(responses: dict[str, Any]) -> None:
    """Document the limit on each success of a limited operation, and on 429."""
    for status, response in responses.items():
        if LIMITED in responses and (status == LIMITED or status.startswith("2")):
            response.setdefault("headers", {}).update({name: header_ref(name) for name in LIMIT_HEADERS})


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
    if "$ref" in tidied and tidied["$ref"].startswith(REF):
        tidied["$ref"] = REF + names[tidied["$ref"].removeprefix(REF)]
    return tidied
