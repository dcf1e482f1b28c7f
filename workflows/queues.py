"""Task queues: one per kind of work, so that a slow server delays only its own."""

from enum import StrEnum


class Queue(StrEnum):
    """The name of a task queue, as Temporal and `python -m workers` take it."""

    IDENTITY = "identity"
    MAIL = "mail"
    GRAPH = "graph"
    NOTIFY = "notify"
    ASSISTANT = "assistant"
    BULK = "bulk"
    JOURNAL = "journal"
