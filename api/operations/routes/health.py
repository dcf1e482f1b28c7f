"""Is it up, can it work, and how are the servers behind it. No configuration, ever."""

from datetime import datetime

from fastapi import APIRouter, Response

from api.access.route_limits import unlimited
from api.deps import Admin, Now
from api.http.errors import problems
from api.http.responses import answer
from api.http.version import VERSION
from api.operations.dependencies import REQUIRED
from api.operations.deps import Health
from api.operations.schemas.health import DependencyView, Liveness, Readiness
from api.schemas.envelope import Answer
from domain.auth.errors import SessionExpired, SessionRevoked
from domain.errors import DependencyUnavailable, Forbidden, NotAuthenticated

router = APIRouter(prefix="/health", tags=["system"], dependencies=[unlimited])

SERVICE = "decode"


@router.get("", response_model=Answer[Liveness])
async def health(now: Now) -> Response:
    """This process answers."""
    return answer(_liveness(now), "Healthy")


@router.get("/live", response_model=Answer[Liveness])
async def live(now: Now) -> Response:
    """For the orchestrator: restart me if this fails."""
    return answer(_liveness(now), "Alive")


@router.get("/ready", response_model=Answer[Readiness], responses=problems(is_limited=False))
async def ready(health: Health) -> Response:
    """For the load balancer: 503 while MongoDB is away; other absences are named as degraded."""
    away = [name for name, dependency in (await health.look()).items() if not dependency.is_up]
    if REQUIRED in away:
        raise DependencyUnavailable(retry_after=2)
    return answer(Readiness(status="degraded" if away else "ok", degraded=away), "Ready")


@router.get(
    "/dependencies",
    response_model=Answer[dict[str, DependencyView]],
    responses=problems(NotAuthenticated, SessionRevoked, SessionExpired, Forbidden, is_limited=False),
)
async def dependencies(admin: Admin, health: Health) -> Response:
    """State and latency of each server, for administrators."""
    found = await health.look()
    views = {name: DependencyView(is_up=one.is_up, latency_ms=one.latency_ms) for name, one in found.items()}
    return answer({**views}, "Dependencies")


def _liveness(now: datetime) -> Liveness:
    return Liveness(status="ok", timestamp=now, service=SERVICE, version=VERSION)
