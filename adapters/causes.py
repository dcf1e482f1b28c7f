"""What led to the work in progress, in context variables: log lines and the journal name it.

Each request, activity and workflow runs in its own context: a value set in one is visible only below it.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """Where a request comes from that a user makes. `network`: a prefix of the address. `device`: the client's own
    description of a trusted device, None for another.
    """

    user_id: str
    network: str
    device: str | None = None

    @property
    def words(self) -> Mapping[str, str]:
        """What is personal to the user in an occurrence of theirs."""
        return {"network": self.network} | ({"device": self.device} if self.device else {})


request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the HTTP request that led to this work."""
workflow_id: ContextVar[str | None] = ContextVar("workflow_id", default=None)
"""The id of the workflow whose activity this is."""
key_id: ContextVar[str | None] = ContextVar("key_id", default=None)
"""The id of the API key that the request was made with."""
origin: ContextVar[Origin | None] = ContextVar("origin", default=None)
"""Where the user is who makes the request."""
