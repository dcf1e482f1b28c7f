"""docs/openapi.json in tests: an error that an operation gives is one that it lists."""

import json
import re
from functools import cache
from typing import Any

import httpx

from api.openapi import PATH

Operation = dict[str, Any]


@cache
def _operations() -> list[tuple[str, re.Pattern[str], Operation]]:
    """Return method, pattern of the path, and description of each operation."""
    paths = json.loads(PATH.read_text(encoding="utf-8"))["paths"]
    return [
        (method.upper(), re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), operation)
        for path, item in paths.items()
        for method, operation in item.items()
    ]


def changing_operations() -> set[str]:
    """The ids of all operations that are no GET."""
    return {operation["operationId"] for method, _, operation in _operations() if method != "GET"}


def is_listed(response: httpx.Response, error: str) -> bool:
    """Whether the operation of this response lists the error at its status. True where there is no such operation."""
    asked = response.request
    candidates = [
        operation["responses"].get(str(response.status_code), {}).get("description", "")
        for method, pattern, operation in _operations()
        if method == asked.method and pattern.fullmatch(asked.url.path)
    ]
    return not candidates or any(f"`{error}`" in listed for listed in candidates)
