"""The paths within a run folder (`.run` by default)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One stack's data, logs and state. Two folders are two independent stacks."""

    root: Path

    @property
    def state(self) -> Path:
        return self.root / "state.json"

    @property
    def state_lock(self) -> Path:
        return self.root / "state.lock"

    @property
    def command_lock(self) -> Path:
        return self.root / "command.lock"

    @property
    def keys(self) -> Path:
        return self.root / "keys.env"

    @property
    def environment(self) -> Path:
        return self.root / "environment.json"

    def without_own(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Return the variables but for paths in this folder: they come from its stack, maybe from an earlier `up`."""
        return {name: value for name, value in variables.items() if not value.startswith(f"{self.root}/")}

    def data(self, name: str) -> Path:
        return self.root / name

    def log(self, name: str) -> Path:
        return self.root / "logs" / f"{name}.log"

    def ready(self, name: str) -> Path:
        return self.root / f"{name}.ready"
