"""The processes of the product as rows of the state."""

import sys
from collections.abc import Mapping

from devstack.folder import RunFolder
from devstack.ports import HOST
from devstack.state import Row

PATIENCE_SECONDS = 30
"""What a process has begun it ends, or hands back, before it ends itself. As in docker-compose.yml."""


def product_rows(folder: RunFolder, ports: Mapping[str, int], api_count: int) -> tuple[Row, ...]:
    """Return the worker, then `api_count` API processes, which first start once the worker is ready."""
    return _worker(folder), *(_api(name, ports[name]) for name in api_names(api_count))


def api_names(count: int) -> tuple[str, ...]:
    """Return `api`, `api-2`, `api-3` and so on."""
    return tuple("api" if number == 1 else f"api-{number}" for number in range(1, count + 1))


def _worker(folder: RunFolder) -> Row:
    ready = str(folder.ready("worker"))
    return Row(
        name="worker",
        argv=(sys.executable, "-m", "workers"),
        variables={"DECODE_READY_FILE": ready},
        ready_file=ready,
        patience=PATIENCE_SECONDS,
    )


def _api(name: str, port: int) -> Row:
    return Row(
        name=name,
        port=port,
        url=f"http://{HOST}:{port}",
        argv=(sys.executable, "-m", "api"),
        variables={"DECODE_API_PORT": str(port)},
        ready_path="/health/live",
        after="worker",
        patience=PATIENCE_SECONDS,
    )
