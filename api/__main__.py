"""Serve the API: `python -m api`. On SIGTERM it finishes the requests in progress, for 20 s at most."""

import resource
import sys
from contextlib import suppress

import uvicorn

import adapters.lean_driver  # noqa: F401 - before whatever loads the driver
from adapters.causes import request_id
from adapters.temporal.client import TlsMissing, require_tls
from api.app import create_app
from api.http.protocol import HttpProtocol
from api.sockets.connection import GatewayConnection
from config.garbage_collection import collect_less_often
from config.logging import configure_logging
from config.settings import Settings, SettingsError, load_settings

GRACE_SECONDS = 20
STARTUP_FAILED = 3


def main() -> int:
    """Run the server until SIGTERM and return the exit code: 0, 2 for invalid settings, 3 when startup fails."""
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
    collect_less_often()
    with suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else STARTUP_FAILED


def _allow_many_sockets() -> None:
    """Raise the limit of open files to the hard limit: each socket is one, and a shell's limit is often 1 000."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def server_config(settings: Settings) -> uvicorn.Config:
    """Return uvicorn's configuration. The client's address is read from X-Forwarded-For only on requests from a trusted
    proxy; by default uvicorn would trust every process on this machine.
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
        http=HttpProtocol,
        ws=GatewayConnection,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
    )


if __name__ == "__main__":
    sys.exit(main())
