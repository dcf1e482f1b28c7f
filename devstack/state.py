"""`state.json`: the parts of the stack and their health. Tools rely on the keys in PROMISED."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from devstack.folder import RunFolder
from devstack.keys import write_private
from devstack.locks import held
from devstack.processes import Process


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One server or process. `wanted`: it should run; one that is not wanted is never started. `external`: not started
    by the stack. `born`: its start time as in `Process`. `started`: ISO 8601, UTC. `after`: the row to wait for.
    """

    name: str
    pid: int | None = None
    port: int | None = None
    url: str | None = None
    healthy: bool = False
    wanted: bool = False
    external: bool = False
    born: str = ""
    started: str = ""
    restarts: int = 0
    last_line: str = ""
    smtp_url: str = ""
    # Seconds until it is killed after SIGTERM.
    patience: float = 10
    # The rest is for processes that the supervisor starts.
    argv: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    ready_file: str = ""
    ready_path: str = ""
    after: str = ""

    @property
    def process(self) -> Process | None:
        return Process(self.pid, self.born) if self.pid is not None else None


@dataclass(frozen=True, slots=True)
class State:
    servers: tuple[Row, ...] = ()
    processes: tuple[Row, ...] = ()
    supervisor: Row | None = None
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.servers + self.processes

    def find(self, name: str) -> Row | None:
        return next((row for row in self.rows if row.name == name), None)

    def with_rows(self, edit: Callable[[Row], Row]) -> "State":
        """Return the state with `edit` applied to each row of servers and processes."""
        return replace(self, servers=tuple(map(edit, self.servers)), processes=tuple(map(edit, self.processes)))


def read_state(folder: RunFolder) -> State:
    """Return the state as last written; an empty one if there is none."""
    try:
        text = folder.state.read_text(encoding="utf-8")
    except FileNotFoundError:
        return State()
    data = json.loads(text)
    supervisor = data.get("supervisor")
    return State(
        servers=tuple(_row(item) for item in data.get("servers", [])),
        processes=tuple(_row(item) for item in data.get("processes", [])),
        supervisor=_row(supervisor) if supervisor else None,
        ports=dict(data.get("ports", {})),
    )


def change_state(folder: RunFolder, edit: Callable[[State], State]) -> State:
    """Replace the state by `edit(state)` under the state's lock. Returns the new one."""
    with held(folder.state_lock):
        old = read_state(folder)
        new = edit(old)
        if new != old or not folder.state.exists():
            write_private(folder.state, as_json(new) + "\n")
    return new


def as_json(state: State) -> str:
    """Return the text of `state.json`."""
    return json.dumps(as_dict(state), indent=2)


def as_dict(state: State) -> dict[str, Any]:
    """Return the state in the shape of `state.json`."""
    return {
        "servers": [_plain(row) for row in state.servers],
        "processes": [_plain(row) for row in state.processes],
        "supervisor": _plain(state.supervisor) if state.supervisor else None,
        "ports": state.ports,
    }


PROMISED = frozenset({"name", "pid", "port", "url", "healthy", "wanted"})


def _plain(row: Row) -> dict[str, Any]:
    return {key: value for key, value in asdict(row).items() if key in PROMISED or value}


def _row(item: Mapping[str, Any]) -> Row:
    known = {column.name for column in fields(Row)}
    values = {key: value for key, value in item.items() if key in known}
    return Row(**values | {"argv": tuple(values.get("argv", ()))})
