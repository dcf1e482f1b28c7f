"""Malformed and hostile bodies: none of them causes a server error."""

from collections.abc import AsyncIterator

import httpx
import pytest

from devstack.stack import Stack
from tests.support.envelope import details, fields, refusal
from tests.support.people import new_person
from tests.support.raw_http import head, raw_connection

LOGIN = "/auth/login"
JSON = {"Content-Type": "application/json"}
LIMIT = 64 * 1024
ROUTES = [
    "/auth/register/email-verification",
    "/auth/register/send-email-verification",
    "/auth/register/verify-email",
    "/auth/login",
    "/auth/session/refresh",
    "/auth/session/logout",
]


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    """Yield the body in chunks of 8 KiB, which is sent without a Content-Length."""
    for start in range(0, len(body), 8192):
        yield body[start : start + 8192]


def padded(length: int) -> bytes:
    """Return a JSON body of exactly `length` bytes."""
    return b'{"session_token":"x"' + b" " * (length - 21) + b"}"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"hello", id="a word"),
        pytest.param(b'{"a":', id="cut off"),
        pytest.param(b'{"a":1}{"b":2}', id="two objects"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'"text"', id="a text"),
        pytest.param(b"NaN", id="not a number"),
        pytest.param(b"{'a': 1}", id="single quotes"),
        pytest.param(b'{"session_token":"\xff\xfe"}', id="no UTF-8"),
        pytest.param(b'{"session_token":"\xed\xa0\x80"}', id="a surrogate in UTF-8"),
        pytest.param(b"[" * 30_000, id="opened 30 000 times"),
        pytest.param(b"[" * 30_000 + b"]" * 30_000, id="nested 30 000 deep"),
        pytest.param(b'{"session_token":' + b'{"a":' * 9_000 + b"1" + b"}" * 9_001, id="objects 9 000 deep"),
        pytest.param(b'{"a":' * 2_000 + b"1" + b"}" * 2_000, id="objects 2 000 deep"),
        pytest.param(b"9" * 5_000, id="a number of 5 000 digits"),
        pytest.param(b'{"session_token":' + b"9" * 5_000 + b"}", id="such a number in a field"),
        pytest.param(b'{"session_token":1e999}', id="infinity"),
        pytest.param(b'{"session_token":-0}', id="minus zero"),
        pytest.param(b'{"session_token":"\\ud800"}', id="a lone surrogate"),
        pytest.param(b'{"\\udfff":1}', id="a lone surrogate for a name"),
        pytest.param(b'{"session_token":"x","\\u0000":1}', id="NUL for a name"),
        pytest.param(b'{"session_token":"x","__proto__":{}}', id="a prototype"),
        pytest.param(b'{"session_token":true}', id="a truth"),
        pytest.param(b'{"session_token":["x"]}', id="a list for a text"),
    ],
)
async def test_body_that_is_not_the_expected_object_is_refused(api: httpx.AsyncClient, body: bytes) -> None:
    response = await api.post("/auth/session/logout", content=body, headers=JSON)

    assert {field.partition(".")[0] for field in fields(response)} == {"body"}


@pytest.mark.parametrize("route", ROUTES)
async def test_every_route_refuses_a_body_that_is_no_json(api: httpx.AsyncClient, route: str) -> None:
    response = await api.post(route, content=b"hello", headers=JSON)

    assert refusal(response) == (422, "InvalidInput")


@pytest.mark.defect(86)
@pytest.mark.parametrize("route", ROUTES)
async def test_every_route_refuses_an_unknown_field(api: httpx.AsyncClient, route: str) -> None:
    response = await api.post(route, json={"favourite_colour": "blue"})

    assert "body.favourite_colour" in fields(response)


@pytest.mark.parametrize("symbol", ["\u0000", "\u0007", "\n", "\u001b", "\u007f", "\u0085", "\u009f"])
@pytest.mark.parametrize("field", ["email_or_username", "password", "fingerprint_hashed", "browser", "device", "app"])
async def test_control_characters_are_refused(api: httpx.AsyncClient, field: str, symbol: str) -> None:
    credentials = {**new_person().credentials, "app": "decode"}
    credentials[field] += symbol

    response = await api.post(LOGIN, json=credentials)

    assert fields(response) == {f"body.{field}"}


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", "json", ""],
)
async def test_body_of_another_type_is_refused(api: httpx.AsyncClient, content_type: str) -> None:
    response = await api.post(LOGIN, content=b"{}", headers={"Content-Type": content_type})

    assert refusal(response) == (415, "UnsupportedMediaType")


async def test_body_without_a_content_type_is_refused(api: httpx.AsyncClient) -> None:
    assert refusal(await api.post(LOGIN, content=b"{}")) == (415, "UnsupportedMediaType")


async def test_chunked_body_without_a_content_type_is_refused(api: httpx.AsyncClient) -> None:
    assert refusal(await api.post(LOGIN, content=in_pieces(b"{}"))) == (415, "UnsupportedMediaType")


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=utf-8", "application/json ;x=y"]
)
async def test_json_content_type_is_accepted_in_any_spelling(api: httpx.AsyncClient, content_type: str) -> None:
    response = await api.post("/auth/session/logout", content=padded(30), headers={"Content-Type": content_type})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "coding",
    ["gzip", "GZip", "x-gzip", "deflate", "br", "zstd", "compress", "aes128gcm", "gzip, identity", "identity,br", "*"],
)
async def test_body_in_a_content_coding_is_refused(api: httpx.AsyncClient, coding: str) -> None:
    response = await api.post("/auth/session/logout", content=padded(30), headers=JSON | {"Content-Encoding": coding})

    assert refusal(response) == (415, "UnsupportedMediaType")
    assert [item["field"] for item in details(response)] == ["header.content-encoding"]


async def test_content_coding_in_a_second_line_is_refused(api: httpx.AsyncClient) -> None:
    lines = [*JSON.items(), ("Content-Encoding", "identity"), ("Content-Encoding", "gzip")]

    response = await api.post("/auth/session/logout", content=padded(30), headers=lines)

    assert refusal(response) == (415, "UnsupportedMediaType")


async def test_content_coding_is_refused_before_the_body_is_read(stack: Stack) -> None:
    """A client that waits for `100 Continue` sends no body at all."""
    waiting = ("Content-Type: application/json", "Content-Length: 30", "Expect: 100-continue")
    async with raw_connection(stack.url("api")) as connection:
        connection.send(head("POST /auth/session/logout", *waiting, "Content-Encoding: gzip"))

        assert (await connection.answer()).status == 415


@pytest.mark.parametrize("coding", ["identity", "Identity", "identity, identity", ""])
async def test_body_as_it_is_is_read(api: httpx.AsyncClient, coding: str) -> None:
    response = await api.post("/auth/session/logout", content=padded(30), headers=JSON | {"Content-Encoding": coding})

    assert response.status_code == 200


async def test_body_of_64_kib_is_read(api: httpx.AsyncClient) -> None:
    response = await api.post("/auth/session/logout", content=padded(LIMIT), headers=JSON)

    assert response.status_code == 200


async def test_chunked_body_of_64_kib_is_read(api: httpx.AsyncClient) -> None:
    response = await api.post("/auth/session/logout", content=in_pieces(padded(LIMIT)), headers=JSON)

    assert response.status_code == 200


async def test_larger_body_is_too_large(api: httpx.AsyncClient) -> None:
    response = await api.post("/auth/session/logout", content=padded(LIMIT + 1), headers=JSON)

    assert refusal(response) == (413, "BodyTooLarge")


async def test_larger_chunked_body_is_too_large(api: httpx.AsyncClient) -> None:
    response = await api.post("/auth/session/logout", content=in_pieces(padded(LIMIT + 1)), headers=JSON)

    assert refusal(response) == (413, "BodyTooLarge")


async def test_size_is_checked_before_the_content_type(api: httpx.AsyncClient) -> None:
    response = await api.post(LOGIN, content=padded(LIMIT + 1), headers={"Content-Type": "text/plain"})

    assert refusal(response) == (413, "BodyTooLarge")


async def test_refused_input_is_not_repeated_to_the_caller(api: httpx.AsyncClient) -> None:
    credentials = {**new_person().credentials, "password": ["a-secret-in-a-list"]}

    response = await api.post(LOGIN, json=credentials)

    assert fields(response) == {"body.password"}
    assert "a-secret-in-a-list" not in response.text
