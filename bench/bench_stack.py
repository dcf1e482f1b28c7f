"""A stack for a measurement: in this process's environment, and deleted afterwards.

Its rate limits are those of production. The clients are its trusted proxy, so that each person has an address. The
model `mock` says its first word at once, and 50 words a second.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from devstack.ports import HOST
from devstack.servers.catalogue import servers_with
from devstack.servers.neo4j import Neo4j
from devstack.stack import Stack


def large_stack(name: str) -> Stack:
    """Return a stack whose Neo4j has 2 GB of heap and 1 GB of page cache, for graphs of a million users."""
    return Stack(Path(".run") / name, servers=servers_with(Neo4j(heap_mb=2048, page_cache_mb=1024)))


@contextmanager
def running(stack: Stack) -> Iterator[None]:
    """Run the stack during the block, with its variables in `os.environ`. Its data is deleted at the end."""
    settings = {"RATE_LIMITS": "on", "TRUSTED_PROXIES": HOST, "MOCK_FIRST_MS": "0", "MOCK_WORD_MS": "20"}
    with patch.dict(os.environ, {f"DECODE_{name}": value for name, value in settings.items()}):
        try:
            stack.up()
            os.environ.update(stack.environment())
            yield
        finally:
            stack.down(wipe=True)
