"""What the health routes show."""

from datetime import datetime

from api.schemas.envelope import View


class Liveness(View):
    status: str
    timestamp: datetime
    service: str
    version: str


class Readiness(View):
    """`degraded` names the servers that are away."""

    status: str
    degraded: list[str]


class DependencyView(View):
    is_up: bool
    latency_ms: float | None
