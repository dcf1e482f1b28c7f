"""What the API refuses, and how a flow can end without its result."""

import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from decode_client.generated.answers import Flow


class DecodeError(Exception):
    """A refusal of the API. `error` is its name, such as `WrongCode`; later APIs may have names of their own."""

    def __init__(
        self,
        error: str,
        message: str,
        *,
        status: int,
        details: Any = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{error}: {message}")
        self.error = error
        self.message = message
        self.status = status
        self.details = details
        self.request_id = request_id
        self.retry_after = retry_after
        """Seconds after which the same call may succeed."""


class FlowEnded(Exception):
    """The flow that was waited for has expired, was cancelled or locked, or has failed."""

    def __init__(self, flow: Flow) -> None:
        super().__init__(f"the flow is {flow.state}")
        self.flow = flow


def refusal(response: httpx.Response) -> DecodeError:
    """Read an error response. One that is not of the API, such as a proxy's page, is named after its status."""
    problem = _json_object(response)
    return DecodeError(
        str(problem.get("error", f"Http{response.status_code}")),
        str(problem.get("message", response.reason_phrase)),
        status=response.status_code,
        details=problem.get("details"),
        request_id=response.headers.get("X-Request-ID"),
        retry_after=seconds_to_wait(response),
    )


def seconds_to_wait(response: httpx.Response) -> float | None:
    """What `Retry-After` says (RFC 9110 section 10.2.3): seconds, as the API does, or a date, as a proxy may."""
    said = response.headers.get("Retry-After", "")
    if said.isdecimal():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return None


def _json_object(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
