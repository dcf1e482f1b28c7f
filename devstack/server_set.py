"""The servers of one run folder: their ports, which of them are external, and the start of missing ones."""

import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from devstack.console import say
from devstack.end_processes import end_processes
from devstack.environment import read_environment
from devstack.errors import StackError
from devstack.fetch import programs_of
from devstack.folder import RunFolder
from devstack.health import refresh
from devstack.keys import kept_keys
from devstack.launch import Launch, start_all
from devstack.ports import choose_ports
from devstack.processes import is_alive
from devstack.servers.server import Server, Site
from devstack.state import Row, State, change_state, read_state


@dataclass(frozen=True, slots=True)
class ServerSet:
    folder: RunFolder
    servers: Sequence[Server]
    optional: Mapping[str, Sequence[Server]]

    def including(self, names: Collection[str]) -> "ServerSet":
        """Return the set with these optional servers too. Raises StackError if a name is unknown."""
        for name in names:
            if name not in self.optional:
                raise StackError(f"There are no optional servers named {name}; there are: {', '.join(self.optional)}.")
        chosen = [server for name, servers in self.optional.items() if name in names for server in servers]
        return replace(self, servers=(*self.servers, *(server for server in chosen if server not in self.servers)))

    def as_planned(self) -> "ServerSet":
        """Return the set with the optional servers that the last `up` of the folder has named."""
        names = {row.name for row in read_state(self.folder).servers}
        return self.including([name for name, servers in self.optional.items() if names & _row_names(servers)])

    def plan(self) -> None:
        """Make these the servers of the folder; others are ended."""
        others = [server for server in self.as_planned().servers if server not in self.servers]
        if others:
            say(f"Ending {', '.join(server.title for server in others)}")
            self._replace_rows(others, by=())

    def find(self, name: str) -> Server | None:
        """Return the server that has a row of that name, or None."""
        return next((server for server in self.servers if name in server.row_names()), None)

    def choose_ports(self, others: Sequence[str]) -> dict[str, int]:
        """Return a port for each port name of all servers and of `others`; write them to the state."""
        state = refresh(self.folder)
        running = {row.name for row in state.rows if row.process and is_alive(row.process)}
        names = [*others]
        for server in self.servers:
            names += server.port_names
            # A running server keeps all its ports, also those without their own row.
            running |= set(server.port_names) if server.name in running else set()
        ports = state.ports | choose_ports(names, kept=state.ports, running=running)
        if "DECODE_API_PORT" in os.environ:
            ports["api"] = int(os.environ["DECODE_API_PORT"])
        change_state(self.folder, lambda latest: replace(latest, ports=ports))
        return ports

    def start(self, chosen: Sequence[Server], ports: Mapping[str, int]) -> None:
        """Start those of the chosen servers that are neither external nor healthy. Raises StackError."""
        self._note_replaced([server for server in chosen if self.is_replaced(server)])
        state = refresh(self.folder)
        missing = [server for server in chosen if not self.is_replaced(server) and not _is_up(state, server)]
        if not missing:
            return
        programs = programs_of(missing)
        say(f"Starting {', '.join(server.title for server in missing)}")
        # One that is alive but unhealthy must release its port and its data to its successor.
        names = _row_names(missing)
        end_processes([row for row in state.servers if row.name in names])
        start_all(
            self.folder,
            [Launch(server, programs[server.name], self._site(server, ports)) for server in missing],
        )
        self._sort_rows()

    def settings(self, ports: Mapping[str, int]) -> list[dict[str, str]]:
        """Return the product's variables of each server that the stack runs."""
        own_servers = [server for server in self.servers if not self.is_replaced(server)]
        return [server.settings(self._site(server, ports)) for server in own_servers]

    def is_replaced(self, server: Server) -> bool:
        """Whether the caller has set the URL of an external server. A URL from this folder's environment is not one."""
        url = self.folder.without_own(os.environ).get(server.replaced_by)
        row = read_state(self.folder).find(server.name)
        is_our_own = (
            row is not None and not row.external and url == read_environment(self.folder).get(server.replaced_by)
        )
        return bool(url) and not is_our_own

    def _site(self, server: Server, ports: Mapping[str, int]) -> Site:
        return Site(
            data=self.folder.data(server.name),
            log=self.folder.log(server.name),
            ports=ports,
            keys=kept_keys(self.folder.keys),
        )

    def _note_replaced(self, servers: Sequence[Server]) -> None:
        self._replace_rows(servers, by=tuple(_external_row(server) for server in servers))

    def _replace_rows(self, servers: Sequence[Server], *, by: tuple[Row, ...]) -> None:
        names = _row_names(servers)
        end_processes([row for row in read_state(self.folder).servers if row.name in names])

        def edit(state: State) -> State:
            return replace(state, servers=tuple(r for r in state.servers if r.name not in names) + by)

        change_state(self.folder, edit)

    def _sort_rows(self) -> None:
        order = {name: place for place, name in enumerate(n for s in self.servers for n in s.row_names())}

        def edit(state: State) -> State:
            return replace(state, servers=tuple(sorted(state.servers, key=lambda r: order.get(r.name, 99))))

        change_state(self.folder, edit)


def _row_names(servers: Sequence[Server]) -> set[str]:
    return {name for server in servers for name in server.row_names()}


def _is_up(state: State, server: Server) -> bool:
    rows = [state.find(name) for name in server.row_names()]
    return all(row is not None and row.healthy and not row.external for row in rows)


def _external_row(server: Server) -> Row:
    shown = re.sub(r"//[^@/]*@", "//", os.environ[server.replaced_by])
    return Row(name=server.name, url=shown, wanted=True, external=True)
