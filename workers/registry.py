"""The registry of all workers: queue → workflows and activities, collected from the areas."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.resources import Resources
from workers.areas import accounts, assistant, auth, delivery, journal, notifications, operations, social, users
from workers.hosted import Hosted
from workflows.queues import Queue

AREAS = (journal, delivery, users, auth, social, notifications, assistant, accounts, operations)


@dataclass(frozen=True)
class QueueWorker:
    """The workflows and activities of one queue's worker; `slots`: how many activities it runs at a time."""

    workflows: Sequence[type]
    activities: Sequence[Callable[..., Any]]
    slots: int


def workflows_of(queue: Queue) -> Sequence[type]:
    """Return the workflow classes that the worker of this queue hosts."""
    return [workflow for area in AREAS for workflow in area.WORKFLOWS.get(queue, ())]


def queue_workers(resources: Resources) -> dict[Queue, QueueWorker]:
    """Return the worker definition of every queue."""
    hosted = [entry for area in AREAS for entry in area.hosted(resources)]
    slots = _slots(resources)
    return {queue: QueueWorker(workflows_of(queue), _activities_of(queue, hosted), slots[queue]) for queue in Queue}


def _activities_of(queue: Queue, hosted: Sequence[Hosted]) -> Sequence[Callable[..., Any]]:
    return [activity for entry in hosted if entry.queue is queue for activity in entry.activities]


def _slots(resources: Resources) -> dict[Queue, int]:
    """Return the activity slots per queue. Mail has one per connection to the mail server, the journal one writer."""
    return {
        Queue.IDENTITY: 100,
        Queue.MAIL: resources.delivery.smtp.connections,
        Queue.GRAPH: 50,
        Queue.NOTIFY: 50,
        Queue.ASSISTANT: 200,
        Queue.BULK: 8,
        Queue.JOURNAL: 1,
    }
