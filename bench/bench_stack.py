"""A stack for a measurement: in this process's environment, and deleted afterwards.

Its rate limits are those of production. The clients are its trusted proxy, so that each person has an address.
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
    with patch.dict(os.environ, DECODE_RATE_LIMITS="on", DECODE_TRUSTED_PROXIES=HOST):
        try:
            stack.up()
            os.environ.update(stack.environment())
            yield
        finally:
            stack.down(wipe=True)
