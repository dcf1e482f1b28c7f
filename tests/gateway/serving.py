"""The API in this process, served as `python -m api` serves it, on a port of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from api.__main__ import server_config
from config.settings import Settings
from devstack.ports import choose_ports
from tests.waiting import eventually


@asynccontextmanager
async def serving(settings: Settings, **changes: Any) -> AsyncIterator[str]:
    """Its address, while the block runs; then it is ended as an orchestrator ends it."""
    port = choose_ports(["api"], kept={}, running=())["api"]
    config = server_config(settings.model_copy(update={"api_host": "127.0.0.1", "api_port": port, **changes}))
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())

    async def is_up() -> bool:
        return server.started

    await eventually(is_up, within=30)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
