"""Reads answers of the API, each in exactly the envelope that the contract promises."""

import re
from typing import Any

import httpx

from tests.support.contract import is_listed

Json = dict[str, Any]

SUCCESS = {"success", "statusCode", "message", "data", "requestId"}
PROBLEM = {"success", "statusCode", "message", "error", "timestamp", "path", "requestId"}
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def data(response: httpx.Response, status: int = 200) -> Any:
    """What a success carries."""
    assert response.status_code == status, response.text
    body = response.json()
    assert body.keys() == SUCCESS
    assert body["success"] is True
    _check(response, body)
    return body["data"]


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Status and name of a refusal."""
    body = response.json()
    assert body.keys() - {"details"} == PROBLEM, response.text
    assert body["success"] is False
    assert body["path"] == response.request.url.path
    assert TIMESTAMP.fullmatch(body["timestamp"])
    assert is_listed(response, body["error"]), f"docs/openapi.json does not list {body['error']} here"
    _check(response, body)
    return response.status_code, body["error"]


def details(response: httpx.Response) -> Any:
    """Return the details of an error response besides its code."""
    refusal(response)
    return response.json()["details"]


def fields(response: httpx.Response) -> set[str]:
    """The fields that a 422 finds fault with."""
    assert refusal(response) == (422, "InvalidInput")
    return {item["field"] for item in response.json().get("details", [])}


def _check(response: httpx.Response, body: Json) -> None:
    assert response.headers["content-type"] == "application/json"
    assert body["statusCode"] == response.status_code
    assert body["requestId"] == response.headers["x-request-id"]
    assert isinstance(body["message"], str)
    assert body["message"]
