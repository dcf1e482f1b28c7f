"""What the health routes show."""

from datetime import datetime

from pydantic import RootModel

from api.http.version import VERSION
from api.operations.detailed_health import HealthState, ProcessHealth
from api.operations.health_checks import DependencyHealth
from api.schemas.envelope import View
from api.schemas.fields import Timestamp
from domain.assistant.language_models import ModelState


class Liveness(View):
    status: str
    timestamp: Timestamp
    service: str
    version: str


class Service(View):
    name: str
    version: str
    running: bool


class Readiness(View):
    """`degraded` names the servers that are away."""

    status: str
    degraded: list[str]


class DependencyView(View):
    is_up: bool
    latency_ms: float | None


class MemoryView(View):
    """`rss_bytes`: resident; null where the system does not tell."""

    rss_bytes: int | None


class ServerView(View):
    state: HealthState
    latency_ms: float | None


class ChatsView(View):
    """`active`: open now. `total`: all that are known of, about. Both are null while MongoDB is away."""

    active: int | None
    total: int | None


class CacheView(View):
    """Since the start of this process: how often a session was found in its memory, and how often not."""

    size: int
    hits: int
    misses: int


class ModelStateView(View):
    """`first_token_ms`: of the newest answer; `last_error`: a status or a word; null for none in the last day."""

    state: HealthState
    first_token_ms: int | None
    last_error: str | None


class Checks(View):
    """`sockets`: open in this process, by gateway. `models`: by name; null while Redis is away."""

    memory: MemoryView
    mongodb: ServerView
    redis: ServerView
    temporal: ServerView
    neo4j: ServerView
    smtp: ServerView
    sockets: dict[str, int]
    chats: ChatsView
    sessions_cache: CacheView
    models: dict[str, ModelStateView] | None


class DetailedView(View):
    """`uptime`: seconds."""

    status: HealthState
    timestamp: Timestamp
    version: str
    uptime: int
    checks: Checks

    @classmethod
    def of(cls, health: ProcessHealth, now: datetime) -> "DetailedView":
        chats, cache = health.chats, health.sessions_cache
        checks = Checks(
            memory=MemoryView(rss_bytes=health.memory_bytes),
            sockets=dict(health.sockets),
            chats=ChatsView(active=chats and chats.active, total=chats and chats.total),
            sessions_cache=CacheView(size=cache.size, hits=cache.hits, misses=cache.misses),
            models=None if health.models is None else {name: _model(each) for name, each in health.models.items()},
            **{name: _server(each) for name, each in health.servers.items()},
        )
        return cls(status=health.state, timestamp=now, version=VERSION, uptime=health.uptime, checks=checks)


def _server(server: DependencyHealth) -> ServerView:
    state = HealthState.HEALTHY if server.is_up else HealthState.UNHEALTHY
    return ServerView(state=state, latency_ms=server.latency_ms)


def _model(model: ModelState) -> ModelStateView:
    state = HealthState.UNHEALTHY if model.is_down else HealthState.HEALTHY
    return ModelStateView(state=state, first_token_ms=model.first_text_ms, last_error=model.last_error)


class Dependencies(RootModel[dict[str, DependencyView]]):
    """Servers by name."""
