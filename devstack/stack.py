"""One stack in one run folder: servers, the product's processes and the supervisor over them."""

import os
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from devstack.end_processes import end_processes
from devstack.environment import ours, product_environment, read_environment, write_environment
from devstack.errors import StackError
from devstack.folder import RunFolder
from devstack.health import refresh
from devstack.keys import kept_keys
from devstack.locks import held
from devstack.process_set import ProcessSet
from devstack.product import api_names, product_rows
from devstack.server_set import ServerSet
from devstack.servers.catalogue import OPTIONAL_SERVERS, SERVERS
from devstack.servers.server import Server
from devstack.state import Row, State, as_dict, change_state, read_state

MakeRows = Callable[[RunFolder, Mapping[str, int], int], tuple[Row, ...]]


class Stack:
    """The stack of one run folder. Any process may call any method; those that change something are serialised."""

    def __init__(
        self,
        run: Path = Path(".run"),
        *,
        servers: Sequence[Server] = SERVERS,
        optional: Mapping[str, Sequence[Server]] = OPTIONAL_SERVERS,
        processes: MakeRows = product_rows,
    ) -> None:
        self.folder = RunFolder(run.resolve())
        self._servers = ServerSet(self.folder, servers, optional)
        self._processes = ProcessSet(self.folder)
        self._make_rows = processes

    def up(self, servers_only: bool = False, *, api_count: int = 1, optional: Collection[str] = ()) -> None:
        """Start what is missing and leave running parts alone; returns when all are healthy.

        `optional`: the names of optional servers. One that an earlier `up` has named and this does not is ended.
        Product variables that changed since the last `up` restart the processes. Raises StackError.
        """
        servers = self._servers.including(optional)
        with held(self.folder.command_lock):
            servers.plan()
            ports = servers.choose_ports(api_names(api_count))
            servers.start(servers.servers, ports)
            is_new = self._write_environment(ports, servers.settings(ports))
            rows = self._make_rows(self.folder, ports, api_count)
            self._processes.plan(rows)
            self._processes.ensure_supervisor()
            if is_new:
                self._processes.end_all()
            if not servers_only:
                self._processes.start({row.name for row in rows})

    def down(self, wipe: bool = False) -> None:
        """End everything of this folder. The data stays unless `wipe`. No error if nothing runs."""
        if not self.folder.root.exists():
            return
        with held(self.folder.command_lock):
            self._processes.end_supervisor()
            state = self._unwant({row.name for row in read_state(self.folder).rows})
            end_processes(state.processes)
            end_processes(state.servers)
            refresh(self.folder)
            for row in state.processes:
                self.folder.ready(row.name).unlink(missing_ok=True)
            if wipe:
                shutil.rmtree(self.folder.root, ignore_errors=True)

    def stop(self, name: str) -> None:
        """End one server or process; it stays stopped until `start` or `up`. Raises StackError if unknown."""
        with held(self.folder.command_lock):
            row = self._get(name)
            server = self._servers.as_planned().find(row.name)
            names = server.row_names() if server else (row.name,)
            state = self._unwant(names)
            end_processes([row for row in state.rows if row.name in names])
            refresh(self.folder)

    def start(self, name: str) -> None:
        """Start one server or process again; returns when it is healthy. Raises StackError."""
        with held(self.folder.command_lock):
            servers = self._servers.as_planned()
            server = servers.find(name)
            if server:
                servers.start([server], servers.choose_ports(("api",)))
            else:
                self._processes.start({self._get(name).name})

    def environment(self) -> dict[str, str]:
        """Return the product's variables for this stack; the caller's own DECODE_* and TEMPORAL_* take precedence."""
        return read_environment(self.folder) | ours(self.folder.without_own(os.environ))

    def state(self) -> dict[str, Any]:
        """Return the current state in the shape of `state.json`, with every row checked now."""
        return as_dict(refresh(self.folder) if self.folder.state.exists() else State())

    def pid(self, name: str) -> int:
        """Return the process id. Raises StackError if it is unknown or not running."""
        pid = self._get(name).pid
        if pid is None:
            raise StackError(f"{name} is not running.")
        return pid

    def url(self, name: str) -> str:
        """Return the URL. Raises StackError if it is unknown or has no URL."""
        url = self._get(name).url
        if url is None:
            raise StackError(f"{name} has no URL.")
        return url

    def _get(self, name: str) -> Row:
        state = read_state(self.folder)
        row = state.find(name)
        if row is None:
            known = ", ".join(row.name for row in state.rows) or "nothing is up"
            raise StackError(f"There is no {name} here; there is: {known}.")
        return row

    def _unwant(self, names: Collection[str]) -> State:
        """Mark these rows as not wanted, so that nothing starts them. Returns the new state."""

        def edit(row: Row) -> Row:
            return replace(row, wanted=False) if row.name in names else row

        return change_state(self.folder, lambda state: state.with_rows(edit))

    def _write_environment(self, ports: Mapping[str, int], settings: Sequence[Mapping[str, str]]) -> bool:
        """Write the product's variables. Returns whether they differ from those its processes were started with."""
        before = read_environment(self.folder)
        variables = product_environment(
            keys=kept_keys(self.folder.keys),
            servers=settings,
            api_port=ports["api"],
            caller=self.folder.without_own(os.environ),
            given_before=before,
        )
        if variables == before:
            return False
        write_environment(self.folder, variables)
        return True
