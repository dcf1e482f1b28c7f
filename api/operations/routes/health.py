"""Liveness, readiness, and the health of dependencies. Never shows configuration.

What is public answers HEAD too, which some monitors send. The server leaves out the body (RFC 9110, section 9.3.2).
"""

from datetime import datetime

from fastapi import APIRouter, Response

from api.access.permits import open_to_all, permit
from api.access.route_limits import unlimited
from api.deps import NowDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.http.version import VERSION
from api.operations.deps import DetailedHealthDep, HealthDep
from api.operations.detailed_health import HealthState
from api.operations.health_checks import REQUIRED
from api.operations.schemas.health import Dependencies, DependencyView, DetailedView, Liveness, Readiness, Service
from api.schemas.envelope import Answer
from domain.errors import DependencyUnavailable
from domain.users.permissions import Permission

router = APIRouter(tags=["system"], dependencies=[unlimited])

SERVICE = "decode"


@router.head("/", dependencies=[open_to_all], include_in_schema=False)
@router.get("/", dependencies=[open_to_all], response_model=Answer[Service])
async def get_service() -> Response:
    """Say what is here."""
    return success_response(Service(name=SERVICE, version=VERSION, running=True), "Running")


@router.head("/health", dependencies=[open_to_all], include_in_schema=False)
@router.get("/health", dependencies=[open_to_all], response_model=Answer[Liveness])
async def get_health(now: NowDep) -> Response:
    """Report that this process answers."""
    return success_response(_liveness(now), "Healthy")


@router.head("/health/live", dependencies=[open_to_all], include_in_schema=False)
@router.get("/health/live", dependencies=[open_to_all], response_model=Answer[Liveness])
async def get_liveness(now: NowDep) -> Response:
    """Report to the orchestrator, which restarts the process if this fails."""
    return success_response(_liveness(now), "Alive")


@router.head("/health/ready", dependencies=[open_to_all], include_in_schema=False)
@router.get(
    "/health/ready",
    dependencies=[open_to_all],
    response_model=Answer[Readiness],
    responses=error_responses(is_limited=False),
)
async def get_readiness(health: HealthDep) -> Response:
    """Report to the load balancer: 503 while MongoDB is away; other absences are named as degraded."""
    away = [name for name, dependency in (await health.check_all()).items() if not dependency.is_up]
    if REQUIRED in away:
        raise DependencyUnavailable(retry_after=2)
    return success_response(Readiness(status="degraded" if away else "ok", degraded=away), "Ready")


@router.get(
    "/health/dependencies",
    dependencies=[permit(Permission.SYSTEM_READ, by_key=True)],
    response_model=Answer[Dependencies],
    responses=error_responses(*CALLER_ERRORS, is_limited=False),
)
async def get_dependencies(health: HealthDep) -> Response:
    """Return state and latency of each server."""
    checks = await health.check_all()
    views = {name: DependencyView(is_up=check.is_up, latency_ms=check.latency_ms) for name, check in checks.items()}
    return success_response({**views}, "Dependencies")


@router.get(
    "/health/detailed",
    dependencies=[permit(Permission.SYSTEM_READ, by_key=True)],
    response_model=Answer[DetailedView],
    responses=error_responses(*CALLER_ERRORS, is_limited=False),
)
async def get_detailed(health: DetailedHealthDep, now: NowDep) -> Response:
    """Return what this process is made of: its servers, sockets and caches, the chats, the models. 503 while MongoDB is
    away.
    """
    detailed = await health.read()
    if detailed.state is HealthState.UNHEALTHY:
        raise DependencyUnavailable(retry_after=2)
    return success_response(DetailedView.of(detailed, now), "Health")


def _liveness(now: datetime) -> Liveness:
    return Liveness(status="ok", timestamp=now, service=SERVICE, version=VERSION)
