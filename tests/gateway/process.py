"""An API as a separate process that a test may kill: `python -m api`, beside those of the stack."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from devstack.stack import Stack
from tests.gateway.serving import free_port
from tests.support.markdown_blocks import ROOT
from tests.support.polling import eventually


@dataclass
class ApiProcess:
    port: int
    variables: dict[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start the process and return once it answers, within 60 seconds."""
        environment = os.environ | self.variables | {"DECODE_API_PORT": str(self.port)}
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "api"), cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        await eventually(self._answers, within=60)

    async def kill(self) -> None:
        """Kill the process with SIGKILL, as a crash would."""
        assert self.process
        self.process.kill()
        await self.process.wait()

    async def _answers(self) -> bool:
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"{self.url}/health/live")).status_code == 200
        except httpx.TransportError:
            return False


@asynccontextmanager
async def processes(stack: Stack, number: int, **variables: str) -> AsyncIterator[list[ApiProcess]]:
    """Run `number` API processes on the stack's servers, with extra environment variables; kill them at the end. Their
    logs are beside those of the stack.
    """
    logs = [stack.folder.log(f"another-api-{each}") for each in range(number)]
    apis = [ApiProcess(free_port(), stack.environment() | variables, log) for log in logs]
    try:
        for api in apis:
            await api.start()
        yield apis
    finally:
        for api in apis:
            if api.process and api.process.returncode is None:
                await api.kill()
