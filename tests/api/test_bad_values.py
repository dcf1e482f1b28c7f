"""Values that are JSON but that no route expects, in every field of every body: none of them causes a server error."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from api.openapi import PATH
from tests.api.access_levels import PLACES
from tests.api.conftest import ChangeUser
from tests.support.people import SignedIn
from tests.support.signed_in import on_device

DOCUMENT = json.loads(PATH.read_text(encoding="utf-8"))
VALUES = {
    "a lone surrogate": '"\\ud800"',
    "one in an address": '"a\\udfffb@example.com"',
    "NUL": '"a\\u0000b"',
    "4 000 digits": "1" + "0" * 4_000,
    "not a number": "NaN",
    "too large a number": "1e400",
    "lists 900 deep": "[" * 900 + "]" * 900,
    "an object with a lone surrogate": '{"\\ud800":"\\udfff"}',
}


def shape(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself, if it is referred to or may be null."""
    schema = schema.get("anyOf", [schema])[0]
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Mapping[str, Any] = DOCUMENT["components"]["schemas"][name] if name else schema
    return found


def body_fields() -> Iterator[tuple[str, str, str]]:
    """Method, path and name of each field."""
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            for name in shape(body).get("properties", {}):
                yield method.upper(), path, name


FIELDS = list(body_fields())


def filled(path: str) -> str:
    for name, value in PLACES.items():
        path = path.replace(name, value)
    return path


def test_every_body_has_been_found() -> None:
    assert len(FIELDS) > 100


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
async def test_unexpected_value_is_no_failure_of_ours(
    api: httpx.AsyncClient, someone: SignedIn, change_user: ChangeUser, value: str
) -> None:
    await change_user(someone.user["_id"], {"role": "admin"})
    headers = on_device(someone) | {"Content-Type": "application/json"}

    answers = {
        (method, path, name): await api.request(method, filled(path), content=f'{{"{name}":{value}}}', headers=headers)
        for method, path, name in FIELDS
    }

    assert {field: answer.text for field, answer in answers.items() if answer.is_server_error} == {}
