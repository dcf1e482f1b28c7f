"""docs/openapi.json as a client reads it: operations, the schemas of what they take and of what they answer."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"

Json = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation; `facts` is its object in the document."""

    method: str
    path: str
    facts: Json

    @property
    def group(self) -> str:
        """The first part of its id, `group.name`."""
        return str(self.facts["operationId"].partition(".")[0])

    @property
    def name(self) -> str:
        """The second part of its id."""
        return str(self.facts["operationId"].partition(".")[2])

    @property
    def tag(self) -> str:
        """The tag under which the document describes its group."""
        return str(self.facts["tags"][0])

    @property
    def description(self) -> str:
        """Its description, which begins with the summary."""
        return str(self.facts["description"])

    @property
    def is_signed(self) -> bool:
        """Whether it reads an access token."""
        return bool(self.facts["security"])

    @property
    def is_keyed(self) -> bool:
        """Whether it takes an Idempotency-Key."""
        return any(parameter["name"] == "Idempotency-Key" for parameter in self.parameters("header"))

    @property
    def body(self) -> Json | None:
        """The schema of the body, None without one."""
        schema = json_schema(self.facts.get("requestBody", {}))
        choices = (schema or {}).get("anyOf", [schema])
        return next((choice for choice in choices if choice != {"type": "null"}), None)

    @property
    def answers(self) -> dict[int, Json]:
        """The response of each success, by status."""
        return {int(status): answer for status, answer in self.facts["responses"].items() if status < "300"}

    def parameters(self, place: str) -> list[Json]:
        """The parameters in the path, the query or the header."""
        return [parameter for parameter in self.facts.get("parameters", []) if parameter["in"] == place]


def load() -> Json:
    """The committed document."""
    document: Json = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return document


def operations(document: Json) -> list[Operation]:
    """Every operation, by group and name."""
    found = [
        Operation(method.upper(), path, facts)
        for path, item in document["paths"].items()
        for method, facts in item.items()
    ]
    return sorted(found, key=lambda operation: (operation.group, operation.name))


def json_schema(message: Json) -> Json | None:
    """The schema of a JSON body or response, None if it has none."""
    schema: Json | None = message.get("content", {}).get("application/json", {}).get("schema")
    return schema


def enveloped(schema: Json, schemas: Json) -> Json | None:
    """The schema of the `data` of an envelope; None when it is the schema of something else."""
    properties = schemas[named(schema["$ref"])].get("properties", {}) if "$ref" in schema else {}
    data: Json | None = properties.get("data") if "statusCode" in properties else None
    return data


def reachable(schemas: Json, parts: Iterable[object]) -> Json:
    """Those schemas that the parts refer to, directly or by others."""
    found: Json = {}
    ahead = [name for part in parts for name in _references(part)]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found[name] = schemas[name]
            ahead += _references(schemas[name])
    return dict(sorted(found.items()))


def tolerant(schemas: Json) -> Json:
    """Copies that take what a later API may answer: where a value is one of a list, any other string as well."""
    return {name: schema if "enum" in schema else _tolerant(schema, schemas) for name, schema in schemas.items()}


def with_schemas(schemas: Json) -> Json:
    """A document of nothing but these schemas."""
    return {"openapi": "3.1.0", "paths": {}, "components": {"schemas": schemas}}


def named(reference: str) -> str:
    """The name of the schema that a `$ref` points to."""
    return reference.rpartition("/")[2]


def _references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield named(part["$ref"])
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _references(each)


def _tolerant(part: Any, schemas: Json) -> Any:
    if isinstance(part, list):
        return [_tolerant(each, schemas) for each in part]
    if not isinstance(part, dict):
        return part
    if "enum" in schemas.get(named(part.get("$ref", "")), {}):
        return {"anyOf": [part, {"type": "string"}]}
    return {key: _tolerant(value, schemas) for key, value in part.items() if key != "enum"}
