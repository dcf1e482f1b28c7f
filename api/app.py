"""Puts the API together: lifespan, middleware, routers, error handlers. Nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from adapters.resources import open_resources
from api import errors
from api.docs import docs_page
from api.gateway.opening import opened
from api.health import Dependencies
from api.known_sessions import KnownSessions
from api.middleware import Surroundings, allowed_headers
from api.notification_wakes import waking
from api.rates import HEADERS
from api.routes import (
    account_deletion,
    account_export,
    blocks,
    devices,
    email_change,
    email_revert,
    flows,
    follower_snapshots,
    follows,
    graph_reports,
    health,
    identity,
    interests,
    lists,
    notifications,
    password,
    password_reset,
    primary_wallet,
    profiles,
    registration,
    relationships,
    roles,
    search,
    security_events,
    sessions,
    sign_in,
    sso,
    step_up,
    suggestions,
    system,
    two_factor,
    username_change,
    users,
    wallet_sign_in,
    wallets,
)
from api.version import VERSION
from config.settings import Settings

# Routes are tried in this order: what is called most stands first.
ROUTERS = (
    identity.router,
    users.router,
    notifications.router,
    search.router,
    profiles.router,
    follows.router,
    lists.router,
    relationships.router,
    suggestions.router,
    interests.router,
    blocks.router,
    username_change.router,
    email_change.router,
    email_revert.router,
    sessions.router,
    registration.router,
    sign_in.router,
    devices.router,
    step_up.router,
    two_factor.router,
    password.router,
    password_reset.router,
    sso.router,
    security_events.router,
    wallets.router,
    primary_wallet.router,
    wallet_sign_in.router,
    roles.router,
    account_deletion.router,
    account_export.router,
    flows.router,
    follower_snapshots.router,
    graph_reports.router,
    health.router,
    system.router,
)


def create_app(settings: Settings) -> FastAPI:
    """The ASGI application. Its clients open with its lifespan and connect when first used."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, object]]:
        async with open_resources(settings, service="api") as resources:
            app.state.resources = resources
            app.state.health = Dependencies(resources)
            app.state.known_sessions = KnownSessions(resources.session_hints)
            async with (
                waking(resources.temporal, resources.hashes) as notification_wakes,
                opened(resources, app.state.known_sessions, settings.cors_origins) as gateway,
            ):
                app.state.notification_wakes = notification_wakes
                app.state.gateway = gateway
                yield {"door": gateway.door}

    app = FastAPI(
        title="Decode",
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,
        openapi_url="/openapi.json" if settings.shows_docs else None,
        redoc_url=None,
        redirect_slashes=False,
    )
    for router in ROUTERS:
        app.include_router(router)
    if settings.shows_docs:
        app.add_route("/docs", docs_page, include_in_schema=False)
    errors.install(app)
    app.add_middleware(Surroundings)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=list(allowed_headers()),
        expose_headers=["X-Request-ID", "Retry-After", *HEADERS],
    )
    return app
