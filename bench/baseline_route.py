"""The limit of a read: a bare FastAPI route that returns the same bytes under the same server.

`python -m bench.baseline_route PORT` serves it until it is terminated.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from bench.raw_http_client import RawHttpClient
from devstack.ports import choose_ports
from tests.support.polling import eventually

ROOT = Path(__file__).resolve().parent.parent
ANSWER: dict[str, Any] = {
    "success": True,
    "statusCode": 200,
    "message": "User found",
    "data": {"userId": "0" * 24, "email": "user@people.test", "username": "user", "role": "user"},
    "requestId": "0" * 32,
}

app = FastAPI()


@app.get("/bare")
async def baseline() -> dict[str, Any]:
    return ANSWER


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[str, int]]:
    """Yield URL and process id of a server with only that route."""
    port = choose_ports(["bare"], kept={}, running=())["bare"]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.baseline_route", str(port), cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    try:
        await eventually(lambda: _answers(url))
        yield url, process.pid
    finally:
        process.terminate()
        await process.wait()


async def _answers(url: str) -> bool:
    try:
        return bool(await RawHttpClient(url).get("/bare"))
    except OSError:
        return False


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False, server_header=False)
