"""Serves the API: `python -m api`. On SIGTERM it finishes what it has begun, 20 s at most."""

import gc
import resource
import sys
from contextlib import suppress

import uvicorn

from adapters.temporal.client import TlsMissing, require_tls
from adapters.temporal.request_id import request_id
from api.app import create_app
from api.notifications.gateway.connection import GatewayConnection
from config.logging import configure_logging
from config.settings import Settings, SettingsError, load_settings

GRACE_SECONDS = 20
STARTUP_FAILED = 3
GC_THRESHOLD = 10_000
"""Objects made, less those freed, before Python's garbage collector looks for dead cycles among the young ones. Its
own default of 700 is about one request: the collector would run on nearly every one and find next to nothing, as what
a request makes dies by reference count.
"""


def main() -> int:
    try:
        settings = load_settings()
        if settings.is_production:
            require_tls()
    except (SettingsError, TlsMissing) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    configure_logging("api", settings.log_level, request_id.get)
    _allow_many_sockets()
    server = uvicorn.Server(server_config(settings))
    _collect_less_often()
    with suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else STARTUP_FAILED


def _allow_many_sockets() -> None:
    """As many open files as we may have: each socket is one, and what a shell gives is often a thousand."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _collect_less_often() -> None:
    """Leave modules and the app out of every collection, for they never die, and collect what is young less often."""
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)


def server_config(settings: Settings) -> uvicorn.Config:
    """How we serve. Who a request comes from is read from X-Forwarded-For only if a proxy of ours says so; by
    default uvicorn would believe anybody on this machine.
    """
    return uvicorn.Config(
        create_app(settings),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=75,
        ws=GatewayConnection,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
    )


if __name__ == "__main__":
    sys.exit(main())
