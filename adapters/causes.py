"""What led to the work in progress, in context variables: log lines and the journal name it.

Each request, activity and workflow runs in its own context: a value set in one is visible only below it.
"""

from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the HTTP request that led to this work."""
workflow_id: ContextVar[str | None] = ContextVar("workflow_id", default=None)
"""The id of the workflow whose activity this is."""
key_id: ContextVar[str | None] = ContextVar("key_id", default=None)
"""The id of the API key that the request was made with."""
