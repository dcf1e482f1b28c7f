"""Waits for something to become true, with a deadline: tests never sleep for a guessed time."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], bool], *, seconds: float) -> None:
    """Return as soon as the condition holds. Raises AssertionError after the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        time.sleep(0.02)
