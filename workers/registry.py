"""Everything that can run: queue → workflows and activities, put together from what each area hosts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.resources import Resources
from workers.areas import accounts, auth, delivery, notifications, operations, social, users
from workers.hosted import Hosted
from workflows.queues import Queue

AREAS = (delivery, users, auth, social, notifications, accounts, operations)


@dataclass(frozen=True)
class QueueWorker:
    """What the worker of one queue hosts, and how many activities it runs at a time."""

    workflows: Sequence[type]
    activities: Sequence[Callable[..., Any]]
    slots: int


def workflows_of(queue: Queue) -> Sequence[type]:
    """The workflow classes that the worker of this queue hosts."""
    return [workflow for area in AREAS for workflow in area.WORKFLOWS.get(queue, ())]


def queue_workers(resources: Resources) -> dict[Queue, QueueWorker]:
    """Every queue with its work."""
    hosted = [each for area in AREAS for each in area.hosted(resources)]
    slots = _slots(resources)
    return {queue: QueueWorker(workflows_of(queue), _activities_of(queue, hosted), slots[queue]) for queue in Queue}


def _activities_of(queue: Queue, hosted: Sequence[Hosted]) -> Sequence[Callable[..., Any]]:
    return [activity for each in hosted if each.queue is queue for activity in each.activities]


def _slots(resources: Resources) -> dict[Queue, int]:
    """Mail has as many as there are connections to the mail server."""
    return {
        Queue.IDENTITY: 100,
        Queue.MAIL: resources.delivery.smtp.connections,
        Queue.GRAPH: 50,
        Queue.NOTIFY: 50,
        Queue.BULK: 8,
    }
