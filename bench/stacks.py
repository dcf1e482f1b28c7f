"""A stack for a measurement: without limits of rate, in the environment of this process, and gone afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from devstack.stack import Stack


@contextmanager
def on(stack: Stack) -> Iterator[None]:
    """Servers and processes, all healthy, with the settings that lead to them. Their data are deleted at the end."""
    with patch.dict(os.environ, DECODE_RATE_LIMITS="off"):
        try:
            stack.up()
            os.environ.update(stack.environment())
            yield
        finally:
            stack.down(wipe=True)
