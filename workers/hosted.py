"""What an area gives to the worker of one queue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.queues import Queue


@dataclass(frozen=True)
class Hosted:
    """Activities that run on `queue`: bound methods."""

    queue: Queue
    activities: Sequence[Callable[..., Any]]
