"""What the server was asked, and how each request went on."""

import json
import time
from dataclasses import dataclass, field
from enum import StrEnum

from devstack.model_server.http import Request

LIMIT = 10_000
"""Past it the oldest is forgotten."""


class Outcome(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    # Cut by a fault, or left by the client.
    BROKEN = "broken"
    CLIENT_GONE = "client_gone"


@dataclass(slots=True)
class Asked:
    """One request; `body` is its JSON, or its text if it is none. `at`, `began_at`: when it came, and when the first
    byte of its response was written, in seconds since 1970.
    """

    path: str
    headers: dict[str, str]
    body: object
    at: float = field(default_factory=time.time)
    began_at: float | None = None
    outcome: Outcome = Outcome.RUNNING


def asked_by(request: Request) -> Asked:
    """Return what to remember of a request."""
    try:
        body = json.loads(request.body)
    except ValueError:
        body = request.body.decode("utf-8", "replace")
    return Asked(request.path, dict(request.headers), body)
