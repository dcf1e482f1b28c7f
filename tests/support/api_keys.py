"""API keys for tests, made over HTTP by their owners or in the store."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from adapters.resources import Resources
from api.access.request_context import current_time
from domain.auth.api_keys import KeySecret
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.builders import API_KEY
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


async def rotate(api: httpx.AsyncClient, owner: SignedIn, key: Json, **asked: int) -> str:
    """Return the new text of a key."""
    url = f"/api-keys/{key['_id']}/rotate"
    return str(data(await api.post(url, json=asked, headers=on_device(owner)))["secret"])


async def store_key(resources: Resources, owner_id: str, scopes: Sequence[str]) -> str:
    """Return the text of a new key, whatever its owner may do. Their sessions were never ended."""
    auth, seed, now = resources.auth, resources.hashes.new_object_id(), current_time()
    prefix = auth.api_key_secrets.new_prefix(seed)
    text = auth.api_key_secrets.new_key(prefix, seed)
    key = replace(
        API_KEY,
        key_id=seed,
        user_id=owner_id,
        prefix=prefix,
        scopes=scopes,
        secrets=[KeySecret(auth.api_key_secrets.stored_hash(text), now)],
        epoch=0,
        expires_at=now + timedelta(days=1),
        created_at=now,
    )
    event = SecurityEvent(resources.hashes.new_object_id(), owner_id, EventKind.API_KEY_CREATED, now)
    await auth.api_keys.create(key, event, None)
    return text


def with_key(text: str) -> dict[str, str]:
    return {"X-API-Key": text}


def as_bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}
