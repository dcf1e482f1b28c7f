"""The product's processes of one run folder and the supervisor that runs them."""

import os
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from devstack.console import say
from devstack.end_processes import end_processes
from devstack.errors import StackError
from devstack.folder import RunFolder
from devstack.health import refresh
from devstack.launch import ROOT, now
from devstack.processes import end, is_alive, last_line, spawn
from devstack.state import Row, State, change_state, read_state

READY_SECONDS = 90
POLL_SECONDS = 0.1
# How often a process may end before `up` stops waiting for it; the supervisor keeps restarting it.
TRIES = 3


@dataclass(frozen=True, slots=True)
class ProcessSet:
    folder: RunFolder

    def plan(self, rows: Sequence[Row]) -> None:
        """Make these the processes of the folder; running ones continue, those no longer planned are ended."""
        names = {row.name for row in rows}
        end_processes([row for row in read_state(self.folder).processes if row.name not in names])

        def edit(state: State) -> State:
            known = {row.name: row for row in state.processes}
            return replace(state, processes=tuple(_carried(row, known.get(row.name)) for row in rows))

        change_state(self.folder, edit)

    def start(self, names: Collection[str]) -> None:
        """Have the supervisor run them; returns when all are healthy. Raises StackError."""
        self.ensure_supervisor()

        def wanted(row: Row) -> Row:
            if row.name not in names or (row.process and is_alive(row.process)):
                return replace(row, wanted=row.wanted or row.name in names)
            # As if it had never run: it waits for the process it depends on, and its restart count is zero.
            return replace(row, wanted=True, healthy=False, started="", restarts=0)

        state = change_state(self.folder, lambda state: state.with_rows(wanted))
        waiting = [row.name for row in state.processes if row.name in names and not row.healthy]
        if waiting:
            say(f"Starting {', '.join(waiting)}")
        self._wait_for(names)

    def end_all(self) -> None:
        """End all running processes; the supervisor starts the wanted ones again."""
        end_processes(read_state(self.folder).processes)
        refresh(self.folder)

    def ensure_supervisor(self) -> None:
        """Start the folder's supervisor unless it runs."""
        row = read_state(self.folder).supervisor
        if row and row.process and is_alive(row.process):
            return
        process = spawn(
            [sys.executable, "-m", "devstack.supervisor", "--run", str(self.folder.root)],
            variables=os.environ,
            log=self.folder.log("supervisor"),
            cwd=ROOT,
        )
        row = Row(name="supervisor", pid=process.pid, born=process.born, started=now(), wanted=True)
        change_state(self.folder, lambda state: replace(state, supervisor=row))

    def end_supervisor(self) -> None:
        """End the supervisor, which must come first when processes are to stay stopped."""
        row = read_state(self.folder).supervisor
        if row and row.process:
            end(row.process, patience=row.patience)
        change_state(self.folder, lambda state: replace(state, supervisor=None))

    def _wait_for(self, names: Collection[str]) -> None:
        """Only restarts from now on count as failures: a process may have been killed on purpose before."""
        deadline = time.monotonic() + READY_SECONDS
        before = {row.name: row.restarts for row in self._rows(names)}
        while missing := [row for row in self._rows(names) if not row.healthy]:
            for row in missing:
                ends = row.restarts - before[row.name]
                if ends >= TRIES:
                    raise StackError(self._sentence(row, f"ends again and again ({ends} times)"))
            if time.monotonic() > deadline:
                raise StackError(self._sentence(missing[0], f"is not ready after {READY_SECONDS} s"))
            time.sleep(POLL_SECONDS)

    def _rows(self, names: Collection[str]) -> list[Row]:
        return [row for row in read_state(self.folder).processes if row.name in names]

    def _sentence(self, row: Row, trouble: str) -> str:
        log = self.folder.log(row.name)
        said = last_line(log)
        return f"{row.name} {trouble}{f', saying “{said}”' if said else ''}; the rest is in {log}."


def _carried(row: Row, known: Row | None) -> Row:
    if known is None:
        return row
    return replace(
        row,
        pid=known.pid,
        born=known.born,
        started=known.started,
        healthy=known.healthy,
        wanted=known.wanted,
        restarts=known.restarts,
    )
