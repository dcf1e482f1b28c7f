"""The interface of every server of the stack."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from devstack.programs import get_program
from devstack.state import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The place of one server in one run folder: its data folder, its log, the stack's ports and keys by name."""

    data: Path
    log: Path
    ports: Mapping[str, int]
    keys: Mapping[str, str]


class Server(ABC):
    """One server: how it is fetched, started and checked, and the variables that the product gets."""

    name: ClassVar[str]
    title: ClassVar[str]
    # The variable with the URL of an external server; if it is set, this one is not started.
    replaced_by: ClassVar[str]
    # The first is the port of the server's own row.
    port_names: ClassVar[tuple[str, ...]]
    # For the progress line: "downloading MongoDB".
    fetched_how: ClassVar[str]
    runs_with: ClassVar[tuple[str, ...]] = ()
    fetched_with: ClassVar[tuple[str, ...]] = ()
    # Seconds until it must be ready, and seconds until it is killed after SIGTERM.
    deadline: ClassVar[float] = 60
    patience: ClassVar[float] = 10

    @abstractmethod
    def find(self) -> Path | None:
        """Return the program on this machine: from PATH, else from the cache; or None."""

    @abstractmethod
    def fetch(self) -> Path:
        """Download or build the program; may take minutes. Raises StackError."""

    @abstractmethod
    def command(self, program: Path, site: Site) -> list[str]:
        """Return the command that starts it, bound to 127.0.0.1."""

    @abstractmethod
    def settle(self, program: Path, site: Site) -> bool:
        """Configure a started server for the product. Returns False while it is not ready: call it again."""

    @abstractmethod
    def url(self, site: Site) -> str: ...

    @abstractmethod
    def settings(self, site: Site) -> dict[str, str]:
        """Return the variables by which the product finds it."""

    def variables(self, site: Site) -> dict[str, str]:
        """Return the variables of the server process itself."""
        return {}

    def rows(self, site: Site) -> tuple[Row, ...]:
        """Return its rows in the state, all of one process."""
        port = site.ports[self.port_names[0]]
        return (Row(name=self.name, port=port, url=self.url(site), wanted=True, patience=self.patience),)

    def check_programs(self) -> None:
        """Raise StackError if a program that starting or fetching it needs is missing."""
        needed = self.runs_with if self.find() else self.runs_with + self.fetched_with
        for program in needed:
            get_program(program, wanted_by=self.title)

    def row_names(self) -> tuple[str, ...]:
        return (self.name,)
