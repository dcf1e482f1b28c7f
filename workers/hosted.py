"""The activities that an area contributes to the worker of one queue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.queues import Queue


@dataclass(frozen=True)
class Hosted:
    """`activities`: bound methods that run on `queue`."""

    queue: Queue
    activities: Sequence[Callable[..., Any]]
