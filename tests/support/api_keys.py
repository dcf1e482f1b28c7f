"""API keys for tests, made over HTTP by their owners."""

from typing import Any

import httpx

from tests.support.envelope import Json, data
from tests.support.people import SignedIn
from tests.support.signed_in import on_device

SCOPES = ["profile:read", "notifications:read"]


async def make_key(
    api: httpx.AsyncClient, owner: SignedIn, scopes: list[str] | None = None, **asked: object
) -> tuple[Json, str]:
    """Return a new key, as its owner sees it, and its text."""
    body: dict[str, Any] = {"name": "report", "scopes": scopes or SCOPES, **asked}
    issued = data(await api.post("/api-keys", json=body, headers=on_device(owner)), 201)
    return issued["key"], issued["secret"]


def with_key(text: str) -> dict[str, str]:
    return {"X-API-Key": text}


def as_bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}
