"""One scripted server for the tests of a file, and a client without an SDK."""

from collections.abc import AsyncIterator

import httpx
import pytest

from devstack.model_server.server import ModelServer


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer.serving() as server:
        yield server


@pytest.fixture
async def web(server: ModelServer) -> AsyncIterator[httpx.AsyncClient]:
    """Brings the key of both wires."""
    headers = {"authorization": "Bearer scripted", "x-api-key": "scripted"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, trust_env=False, timeout=5) as client:
        yield client
