"""Starts servers and waits until each is ready."""

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from devstack.errors import StackError
from devstack.fetch import raise_all
from devstack.folder import RunFolder
from devstack.processes import Process, end, is_alive, last_line, spawn
from devstack.servers.server import Server, Site
from devstack.state import State, change_state

ROOT = Path(__file__).parents[1]
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Launch:
    """One server to start, with its program and its place in the run folder."""

    server: Server
    program: Path
    site: Site


def start_all(folder: RunFolder, launches: Sequence[Launch]) -> None:
    """Start them concurrently. Raises StackError with a sentence for each that does not become ready."""
    if not launches:
        return
    with ThreadPoolExecutor(max_workers=len(launches)) as pool:
        jobs = [pool.submit(_start, folder, launch) for launch in launches]
    raise_all([error for job in jobs if (error := job.exception())])


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _start(folder: RunFolder, launch: Launch) -> None:
    server, site = launch.server, launch.site
    site.data.mkdir(parents=True, exist_ok=True)
    process = spawn(
        server.command(launch.program, site),
        variables=os.environ | server.variables(site),
        log=site.log,
        cwd=ROOT,
    )
    started = now()
    _record(folder, launch, process, started=started)
    try:
        _settle(launch, process)
    except StackError:
        end(process, patience=server.patience)
        raise
    _record(folder, launch, process, started=started, healthy=True)


def _settle(launch: Launch, process: Process) -> None:
    server, site = launch.server, launch.site
    deadline = time.monotonic() + server.deadline
    while True:
        is_ready = server.settle(launch.program, site)
        # Asked last: what answers may be a server of another stack.
        if not is_alive(process):
            said = last_line(site.log)
            raise StackError(f"{server.title} ended at once, saying “{said}”; the rest is in {site.log}.")
        if is_ready:
            return
        if time.monotonic() > deadline:
            raise StackError(f"{server.title} is not ready after {server.deadline:.0f} s; see {site.log}.")
        time.sleep(POLL_SECONDS)


def _record(folder: RunFolder, launch: Launch, process: Process, *, started: str, healthy: bool = False) -> None:
    rows = tuple(
        replace(row, pid=process.pid, born=process.born, started=started, healthy=healthy)
        for row in launch.server.rows(launch.site)
    )
    names = {row.name for row in rows}

    def edit(state: State) -> State:
        kept = tuple(row for row in state.servers if row.name not in names)
        return replace(state, servers=kept + rows)

    change_state(folder, edit)
