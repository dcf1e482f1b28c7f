"""Task queues: one per kind of work, so that a slow server holds up only its own."""

from enum import StrEnum


class Queue(StrEnum):
    IDENTITY = "identity"
    MAIL = "mail"
    GRAPH = "graph"
    NOTIFY = "notify"
    BULK = "bulk"
