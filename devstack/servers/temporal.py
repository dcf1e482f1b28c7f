"""Temporal: the dev server with its UI, built from source, and the Java test server that skips time."""

import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

from devstack.cache import cache_root, cached, filled
from devstack.maven import fetched_jars, pom_version
from devstack.ports import HOST, answers
from devstack.programs import find_program, get_program, run_logged
from devstack.servers.server import Server, Site
from devstack.state import Row

FOLDER = Path(__file__).parents[1] / "temporal"
COMMAND = "github.com/temporalio/cli/cmd/temporal"
NAMESPACE = "default"
RETENTION = "72h"
SEARCH_ATTRIBUTES = ("FlowKind", "FlowState", "SubjectHash", "BlockedOn")
DYNAMIC_CONFIG = {
    # The default of 20 polls/s makes every step of a workflow wait 50 ms (measured: 350 ms -> 33 ms).
    "history.transferProcessorMaxPollRPS": "5000",
    "history.timerProcessorMaxPollRPS": "5000",
    "history.visibilityProcessorMaxPollRPS": "5000",
    "history.outboundProcessorMaxPollRPS": "5000",
    # The default of 10 rejects parallel updates.
    "history.maxInFlightUpdates": "1000",
    "history.workflowIdReuseMinimalInterval": '"0s"',
    "frontend.namespaceRPS": "5000",
    "system.enableActivityEagerExecution": "true",
}


class Temporal(Server):
    name = "temporal"
    title = "Temporal"
    fetched_how = "building Temporal with Go"
    replaced_by = "TEMPORAL_ADDRESS"
    port_names = ("temporal", "temporal-ui", "temporal-http", "temporal-metrics")
    fetched_with = ("go",)
    patience = 8

    def find(self) -> Path | None:
        entry = cached(_key())
        return find_program("temporal") or (entry / "temporal" if entry else None)

    def fetch(self) -> Path:
        return filled(_key(), _build) / "temporal"

    def command(self, program: Path, site: Site) -> list[str]:
        ports = site.ports
        return [
            *(str(program), "server", "start-dev", "--log-level", "warn", "--log-format", "json"),
            *("--ip", HOST, "--port", str(ports["temporal"]), "--http-port", str(ports["temporal-http"])),
            *("--ui-ip", HOST, "--ui-port", str(ports["temporal-ui"]), "--ui-disable-news-fetch"),
            *("--metrics-port", str(ports["temporal-metrics"])),
            *("--ui-codec-endpoint", f"http://{HOST}:{ports['api']}/codec"),
            *("--db-filename", str(site.data / "temporal.db")),
            *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"),
            *("--namespace", NAMESPACE),
            *(f"--search-attribute={name}=Keyword" for name in SEARCH_ATTRIBUTES),
            *(f"--dynamic-config-value={key}={value}" for key, value in DYNAMIC_CONFIG.items()),
        ]

    def settle(self, program: Path, site: Site) -> bool:
        # `start-dev` has no flag for retention; setting it answers only when the namespace can be used.
        update = ("operator", "namespace", "update", "--namespace", NAMESPACE, "--retention", RETENTION)
        return answers(site.ports["temporal"]) and _ask(program, site, update)

    def url(self, site: Site) -> str:
        return f"{HOST}:{site.ports['temporal']}"

    def settings(self, site: Site) -> dict[str, str]:
        return {"TEMPORAL_ADDRESS": self.url(site), "TEMPORAL_NAMESPACE": NAMESPACE}

    def rows(self, site: Site) -> tuple[Row, ...]:
        port = site.ports["temporal-ui"]
        (own,) = super().rows(site)
        return own, replace(own, name="temporal-ui", port=port, url=f"http://{HOST}:{port}")

    def row_names(self) -> tuple[str, ...]:
        return "temporal", "temporal-ui"


def skipping_server_path() -> Path:
    """Return the script that starts the Java test server; fetch the server first if it is missing.

    Pass it as `test_server_existing_path` to `WorkflowEnvironment.start_time_skipping`. Raises StackError.
    """
    get_program("java", wanted_by="Temporal's test server")
    pom = FOLDER / "pom.xml"
    key = f"temporal-test-server-{pom_version(pom)}"
    entry = cached(key) or fetched_jars(key, pom=pom, title="Temporal's test server", finish=_write_script)
    return entry / "test-server"


def _key() -> str:
    found = re.search(r"github\.com/temporalio/cli v(\S+)", (FOLDER / "go.mod").read_text(encoding="utf-8"))
    return f"temporal-{found[1] if found else 'unknown'}"


def _build(entry: Path) -> None:
    go = get_program("go", wanted_by="Temporal")
    # `go install …@version` is rejected because of the replace in go.mod, so it is built from that module.
    run_logged(
        [go, "build", "-trimpath", "-ldflags=-s -w", "-o", entry / "temporal", COMMAND],
        action="The build of Temporal",
        log=cache_root() / f"{_key()}.log",
        cwd=FOLDER,
        variables={"CGO_ENABLED": "0", "GOWORK": "off"},
    )


def _ask(program: Path, site: Site, question: tuple[str, ...]) -> bool:
    # Ignore the developer's own Temporal settings: they may name another cluster.
    variables = {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}
    address = ("--address", f"{HOST}:{site.ports['temporal']}", "--command-timeout", "5s")
    result = subprocess.run(
        [str(program), *question, *address, "--disable-config-file", "--disable-config-env"],
        check=False,
        env=variables,
        capture_output=True,
    )
    return result.returncode == 0


def _write_script(entry: Path) -> None:
    script = entry / "test-server"
    # Jars are found relative to the script: the entry is renamed later. `exec`: the SDK kills the process id it got.
    script.write_text(
        "#!/bin/sh\n"
        'here=$(dirname "$0")\n'
        'exec java -XX:TieredStopAtLevel=1 -cp "$here/lib/*" io.temporal.testserver.TestServer "$@"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
