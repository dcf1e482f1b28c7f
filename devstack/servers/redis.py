"""Redis, without anything on disk: what it holds may be lost at any time."""

import os
import subprocess
from pathlib import Path

from redis import Redis as Client
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from devstack.cache import cache_root
from devstack.errors import StackError
from devstack.locks import held
from devstack.ports import HOST
from devstack.programs import find_program, get_program, run_logged
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
        if not _can_install():
            get_program("redis-server", wanted_by="The stack")

    def fetch(self) -> Path:
        with held(cache_root() / "redis-server.lock"):
            found = self.find()
            return found if found else _install()

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


def _can_install() -> bool:
    return os.geteuid() == 0 and find_program("apt-get") is not None


def _install() -> Path:
    log = cache_root() / "redis-server.log"
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-q"]
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run_logged([*apt, "update"], deed="apt-get update", log=log, variables=quiet)
    install = [*apt, "install", "-y", "--no-install-recommends", "redis-server"]
    run_logged(install, deed="The installation of Redis", log=log, variables=quiet)
    # The package starts a server of its own where there is an init system; the stack starts its own.
    subprocess.run(["service", "redis-server", "stop"], check=False, capture_output=True)
    found = find_program("redis-server")
    if found is None:
        raise StackError(f"redis-server was installed but is not on PATH; see {log}.")
    return found
