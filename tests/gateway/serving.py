"""The API in this process, served as `python -m api` serves it, on a separate port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from api.__main__ import server_config
from config.settings import Settings
from devstack.ports import choose_ports
from tests.support.polling import eventually


@dataclass(frozen=True)
class Served:
    url: str
    server: uvicorn.Server

    def cut_off(self) -> None:
        """Abort every connection without a close frame, as when the network breaks."""
        for connection in list(self.server.server_state.connections):
            connection.transport.abort()


@asynccontextmanager
async def served(settings: Settings, *, port: int) -> AsyncIterator[Served]:
    """Serve while the block runs; then shut down as on SIGTERM from an orchestrator."""
    config = server_config(settings.model_copy(update={"api_host": "127.0.0.1", "api_port": port}))
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())

    async def is_up() -> bool:
        return server.started

    await eventually(is_up, within=30)
    try:
        yield Served(f"http://127.0.0.1:{port}", server)
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def serving(settings: Settings, **changes: Any) -> AsyncIterator[str]:
    """Serve with changed settings on a free port. Yields the URL."""
    async with served(settings.model_copy(update=changes), port=free_port()) as api:
        yield api.url


def free_port() -> int:
    return choose_ports(["api"], kept={}, running=())["api"]
