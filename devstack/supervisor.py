"""Keeps the product's processes running and the state up to date. One per run folder, started by `up`.

It never restarts a server, nor a process that was stopped by command.
"""

import argparse
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from devstack.end_processes import end_processes
from devstack.environment import for_process, read_environment
from devstack.folder import RunFolder
from devstack.health import refresh
from devstack.launch import ROOT, now
from devstack.processes import Process, is_alive, spawn
from devstack.state import Row, State, change_state, read_state

TICK_SECONDS = 0.3
REFRESH_SECONDS = 1.0
# The pause before each restart of a process that died without ever being ready.
RESTART_DELAYS_SECONDS = (0.0, 0.5, 1.0, 2.0, 5.0)


@dataclass(slots=True)
class WatchedProcess:
    """The supervisor's record of one process. `not_before`: the earliest restart, by `time.monotonic()`."""

    process: Process | None = None
    was_ready: bool = False
    failures: int = 0
    not_before: float = 0.0


@dataclass(slots=True)
class Supervisor:
    folder: RunFolder
    ending: bool = False
    _watches: dict[str, WatchedProcess] = field(default_factory=dict)
    _refreshed: float = 0.0
    _last: State = field(default_factory=State)

    def run(self) -> None:
        """Run until SIGTERM, until another supervisor replaces this one, or until the run folder is deleted."""
        while not self.ending:
            if not self.folder.state.exists():
                self._end_everything()
                return
            self._last = read_state(self.folder)
            if self._is_replaced():
                return
            self._tick()
            time.sleep(TICK_SECONDS)

    def _tick(self) -> None:
        self._record_exits()
        if any(self._is_due(row) for row in self._last.processes):
            self._last = change_state(self.folder, self._started)
        if self._is_waiting() or time.monotonic() - self._refreshed >= REFRESH_SECONDS:
            self._last = refresh(self.folder)
            self._refreshed = time.monotonic()

    def _is_waiting(self) -> bool:
        return any(row.wanted and not row.healthy for row in self._last.processes)

    def _record_exits(self) -> None:
        """Record which processes became ready and which died."""
        for row in self._last.processes:
            watch = self._watches.setdefault(row.name, WatchedProcess(process=row.process))
            if row.process is not None and row.process != watch.process:
                watch.process, watch.was_ready = row.process, False
            watch.was_ready = watch.was_ready or row.healthy
            if watch.process is not None and not is_alive(watch.process):
                watch.failures = 0 if watch.was_ready or not row.wanted else watch.failures + 1
                pause = RESTART_DELAYS_SECONDS[min(max(watch.failures, 1), len(RESTART_DELAYS_SECONDS)) - 1]
                watch.not_before = time.monotonic() + pause
                watch.process, watch.was_ready = None, False

    def _is_due(self, row: Row) -> bool:
        if not row.wanted or (row.process is not None and is_alive(row.process)):
            return False
        watch = self._watches.setdefault(row.name, WatchedProcess())
        return time.monotonic() >= watch.not_before and self._may_follow(row)

    def _may_follow(self, row: Row) -> bool:
        """Whether it may start: a first start waits until the row `after` is healthy, a restart does not wait."""
        leader = self._last.find(row.after)
        return bool(row.started) or leader is None or leader.healthy or not leader.wanted

    def _started(self, state: State) -> State:
        # Under the state's lock, so that `stop` cannot change `wanted` between the check and the start.
        self._last = state
        rows = tuple(self._start(row) if self._is_due(row) else row for row in state.processes)
        return replace(state, processes=rows)

    def _start(self, row: Row) -> Row:
        if row.ready_file:
            Path(row.ready_file).unlink(missing_ok=True)
        process = spawn(
            row.argv,
            variables=for_process(read_environment(self.folder) | row.variables, inherited=os.environ),
            log=self.folder.log(row.name),
            cwd=ROOT,
        )
        self._watches[row.name].process = process
        restarts = row.restarts + 1 if row.started else 0
        return replace(row, pid=process.pid, born=process.born, started=now(), restarts=restarts, healthy=False)

    def _is_replaced(self) -> bool:
        registered = self._last.supervisor
        return registered is not None and registered.pid not in {None, os.getpid()}

    def _end_everything(self) -> None:
        # The folder was deleted; without its state these processes can no longer be found.
        end_processes(self._last.processes)
        end_processes(self._last.servers)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m devstack.supervisor")
    parser.add_argument("--run", type=Path, required=True)
    supervisor = Supervisor(RunFolder(parser.parse_args().run))

    def ask_to_end(*_: object) -> None:
        supervisor.ending = True

    signal.signal(signal.SIGTERM, ask_to_end)
    with suppress(KeyboardInterrupt):
        supervisor.run()


if __name__ == "__main__":
    main()
