"""Requests to any route, by its line in the table of access levels."""

import httpx

from tests.api.access_levels import BODIES, PLACES
from tests.api.askers import Headers
from tests.support.envelope import Json


async def ask(
    api: httpx.AsyncClient,
    route: str,
    headers: Headers,
    body: Json | None = None,
    content: bytes | None = None,
    **query: str,
) -> httpx.Response:
    method, path = route.split(" ")
    has_body = method in ("POST", "PUT", "PATCH") and content is None
    sent = (BODIES.get(route, {}) if body is None else body) if has_body else None
    for name, value in PLACES.items():
        path = path.replace(name, value)
    return await api.request(method, path, headers=headers, json=sent, content=content, params=query)
