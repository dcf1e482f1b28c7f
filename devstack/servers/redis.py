"""Redis without persistence: its data may be lost at any time."""

import subprocess
from pathlib import Path

from redis import Redis as Client
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from devstack import debian
from devstack.ports import HOST
from devstack.programs import find_program, get_program
from devstack.servers.server import Server, Site


class Redis(Server):
    name = "redis"
    title = "Redis"
    fetched_how = "installing Redis"
    replaced_by = "DECODE_REDIS_URL"
    port_names = ("redis",)
    deadline = 15
    patience = 5

    def find(self) -> Path | None:
        return find_program("redis-server")

    def check_programs(self) -> None:
        if not debian.can_install():
            get_program("redis-server", wanted_by="The stack")

    def fetch(self) -> Path:
        found = debian.install("redis-server", title="Redis")
        # With an init system the package starts its own server, which the stack does not use.
        subprocess.run(["service", "redis-server", "stop"], check=False, capture_output=True)
        return found

    def command(self, program: Path, site: Site) -> list[str]:
        return [
            *(str(program), "--port", str(site.ports["redis"]), "--bind", HOST),
            *("--save", "", "--appendonly", "no", "--dir", str(site.data), "--daemonize", "no"),
        ]

    def settle(self, program: Path, site: Site) -> bool:
        client = Client(host=HOST, port=site.ports["redis"], socket_timeout=1, retry=Retry(NoBackoff(), 0))
        try:
            return bool(client.ping())
        except RedisError:
            return False
        finally:
            client.close()

    def url(self, site: Site) -> str:
        return f"redis://{HOST}:{site.ports['redis']}/0"

    def settings(self, site: Site) -> dict[str, str]:
        return {"DECODE_REDIS_URL": self.url(site)}
