"""What the health routes show."""

from pydantic import RootModel

from api.schemas.envelope import View
from api.schemas.fields import Timestamp


class Liveness(View):
    status: str
    timestamp: Timestamp
    service: str
    version: str


class Readiness(View):
    """`degraded` names the servers that are away."""

    status: str
    degraded: list[str]


class DependencyView(View):
    is_up: bool
    latency_ms: float | None


class Dependencies(RootModel[dict[str, DependencyView]]):
    """Servers by name."""
