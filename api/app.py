"""Assembles the API: lifespan, middleware, routers, error handlers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import cache

from fastapi import FastAPI
from starlette.routing import BaseRoute

from adapters.resources import open_resources
from api.access.key_usage import open_key_usage
from api.access.request_limits import HEADERS
from api.access.role_catalogue import RoleCatalogue
from api.access.session_cache import SessionCache
from api.accounts import routers as accounts
from api.assistant import routers as assistant
from api.assistant.gateway.engine_refusals import refuse_engine
from api.assistant.gateway.gateway import SOCKETIO_DOOR, AssistantGateway
from api.assistant.turn_waker import open_turn_waker
from api.auth import routers as auth
from api.http import errors
from api.http.access_log import AccessLog
from api.http.contract import ContractApi, contract_routes
from api.http.cross_origin import METHODS, REQUEST_HEADERS, TRACE_HEADERS, CrossOriginMiddleware
from api.http.docs_pages import install_docs_pages
from api.http.middleware import RequestMiddleware
from api.journal import routers as journal
from api.notifications import routers as notifications
from api.notifications.gateway.gateway import NotificationGateway
from api.operations import routers as operations
from api.operations.detailed_health import DetailedHealth
from api.operations.health_checks import HealthChecks
from api.schemas import examples
from api.social import routers as social
from api.sockets.lifespan import open_doorway, share_sockets
from api.users import routers as users
from config.settings import Settings

# Paths with parameters are matched in this order: the areas with the most requests come first.
ROUTERS = (
    *auth.ROUTERS,
    *social.ROUTERS,
    *notifications.ROUTERS,
    *users.ROUTERS,
    *assistant.ROUTERS,
    *accounts.ROUTERS,
    *operations.ROUTERS,
    *journal.ROUTERS,
)
TAGS = (
    auth.TAGS
    | social.TAGS
    | notifications.TAGS
    | users.TAGS
    | assistant.TAGS
    | accounts.TAGS
    | operations.TAGS
    | journal.TAGS
)
"""Headings of the contract: what the operations under each are for."""
EXAMPLES = (
    auth.EXAMPLES
    | social.EXAMPLES
    | notifications.EXAMPLES
    | users.EXAMPLES
    | assistant.EXAMPLES
    | accounts.EXAMPLES
    | operations.EXAMPLES
    | journal.EXAMPLES
    | examples.EXAMPLES
)


@cache
def routes() -> Sequence[BaseRoute]:
    """Return the routes, which all apps of a process share: making them takes longer than all else."""
    return contract_routes(ROUTERS)


def create_app(settings: Settings) -> FastAPI:
    """Return the ASGI application. Its clients open with its lifespan and connect on first use."""
    access_log = AccessLog()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, object]]:
        async with aclosing(access_log), open_resources(settings, service="api") as resources:
            app.state.resources = resources
            hints = resources.auth.session_invalidations
            app.state.role_catalogue = RoleCatalogue(resources.users.access_head, hints)
            app.state.health = HealthChecks(resources)
            app.state.session_cache = SessionCache(hints)
            async with (
                open_key_usage(resources.auth.api_key_uses) as app.state.key_usage,
                open_turn_waker(resources.temporal, resources.hashes) as app.state.turn_waker,
            ):
                sockets = share_sockets(
                    resources,
                    app.state.session_cache,
                    app.state.role_catalogue,
                    app.state.key_usage,
                    origins=settings.cors_origins,
                    trusted_proxies=settings.trusted_proxies,
                )
                app.state.notification_gateway = NotificationGateway(resources, sockets)
                assistant_gateway = AssistantGateway(resources, sockets, app.state.role_catalogue, app.state.turn_waker)
                app.state.detailed_health = DetailedHealth(
                    resources,
                    app.state.health,
                    app.state.session_cache,
                    {"notifications": app.state.notification_gateway, "assistant": assistant_gateway},
                )
                async with open_doorway(sockets, [app.state.notification_gateway, assistant_gateway]) as server:
                    yield {"door": server}

    app = ContractApi(
        routes(), TAGS, EXAMPLES, lifespan=lifespan, openapi_url="/openapi.json" if settings.shows_docs else None
    )
    app.add_route(SOCKETIO_DOOR.path, refuse_engine, methods=["GET", "POST"], include_in_schema=False)
    if settings.shows_docs:
        install_docs_pages(app)
    errors.install_error_handlers(app)
    app.add_middleware(RequestMiddleware, access_log=access_log)
    app.add_middleware(
        CrossOriginMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=METHODS,
        allow_headers=REQUEST_HEADERS + TRACE_HEADERS,
        expose_headers=["X-Request-ID", "X-Access-Version", "Retry-After", *HEADERS],
    )
    return app
