"""Dependencies of the operations routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends, Request

from adapters import causes
from adapters.resources import Resources
from api.access.callers import DeviceBearer
from api.deps import provide_resources
from api.operations.detailed_health import DetailedHealth
from api.operations.flow_owner import require_flow_owner
from api.operations.health_checks import HealthChecks


async def _health(request: Request) -> HealthChecks:
    health: HealthChecks = request.app.state.health
    return health


async def _detailed_health(request: Request) -> DetailedHealth:
    health: DetailedHealth = request.app.state.detailed_health
    return health


async def _request_id() -> str | None:
    return causes.request_id.get()


HealthDep = Annotated[HealthChecks, Depends(_health)]
DetailedHealthDep = Annotated[DetailedHealth, Depends(_detailed_health)]
FlowOwnerDep = Annotated[str | None, Depends(DeviceBearer(require_flow_owner))]

RequestIdDep = Annotated[str | None, Depends(_request_id)]
ResourcesDep = Annotated[Resources, Depends(provide_resources)]
