"""An API in this process with limits of its own, met from any client address; its servers are the stack's."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from api.app import create_app
from config.rates import Rate
from config.settings import Settings

HIGH_LIMIT = Rate(1000, 60)


@dataclass(frozen=True)
class LimitedApi:
    app: FastAPI

    def client_at(self, address: str) -> httpx.AsyncClient:
        """A client at this address."""
        transport = httpx.ASGITransport(self.app, client=(address, 50_000))
        return httpx.AsyncClient(transport=transport, base_url="http://limits.test", timeout=30)

    def client_anywhere(self) -> httpx.AsyncClient:
        """A client in a network without any counted request."""
        return self.client_at(new_address())


def new_address() -> str:
    return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"


@asynccontextmanager
async def serving(settings: Settings, **limits: Any) -> AsyncIterator[LimitedApi]:
    """Everything is roomy but what is given, such as `std=Rate(3, 60)`."""
    names = [name for name, value in settings if name.startswith("limit_") and isinstance(value, Rate)]
    changes = dict.fromkeys(names, HIGH_LIMIT) | {f"limit_{name}": rate for name, rate in limits.items()}
    app = create_app(settings.model_copy(update={"rate_limits": "on", **changes}))
    async with app.router.lifespan_context(app):
        yield LimitedApi(app)
