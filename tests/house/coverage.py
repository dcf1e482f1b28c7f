"""Runs tests and reports which lines and branches of the product they reach: `python -m tests.house.coverage [path…]`.

What is said to it is said to pytest. The API and the worker of a test stack are measured like the tests themselves, so
stacks that run already are ended first. Exit code 1 when the assistant is below its limit, else that of pytest.
`.venv/bin/coverage report --show-missing` then names the lines.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

from devstack.stack import Stack
from tests.house.source import FLOORS, ROOT

ASSISTANT = (
    "*/assistant/*",
    "*/assistant.py",
    "adapters/ai/*",
    *(f"adapters/redis/{noun}.py" for noun in ("turn_texts", "model_health", "answer_cache", "cached_model")),
    "config/models.py",
)
"""What belongs to the assistant: `*` stands for folders too. Small folders of adapters have no areas."""

PRODUCT = ",".join(str(ROOT / floor) for floor in FLOORS)
"""Absolute: some tests run a copy of the tree, which does not count."""

LIMIT_PERCENT = 90.0
ROW = "{:<58} {:>8} {:>9} {:>9}\n"


@dataclass(frozen=True)
class Reached:
    """How many lines and branches there are, and how many of them the tests reached."""

    lines: int = 0
    reached_lines: int = 0
    branches: int = 0
    reached_branches: int = 0

    def __add__(self, other: "Reached") -> "Reached":
        return Reached(
            self.lines + other.lines,
            self.reached_lines + other.reached_lines,
            self.branches + other.branches,
            self.reached_branches + other.reached_branches,
        )

    @property
    def percent(self) -> float:
        """Lines and branches together."""
        return _percent(self.reached_lines + self.reached_branches, self.lines + self.branches)

    def row(self, name: str) -> str:
        parts = (
            _percent(self.reached_lines, self.lines),
            _percent(self.reached_branches, self.branches),
            self.percent,
        )
        return ROW.format(name, *(f"{part:.1f} %" for part in parts))


def is_of_assistant(path: str) -> bool:
    """`path`: from the root."""
    return any(fnmatch(path, pattern) for pattern in ASSISTANT)


def reached_files(report: Mapping[str, Any]) -> dict[str, Reached]:
    """Read the JSON of coverage.py, by path from the root."""
    return {path: _reached(file["summary"]) for path, file in report["files"].items()}


def total(files: Iterable[Reached]) -> Reached:
    return sum(files, start=Reached())


def table(files: Mapping[str, Reached]) -> str:
    """Return the assistant with its files below the limit, then the rest of the product as one row."""
    ours = {path: reached for path, reached in files.items() if is_of_assistant(path)}
    below = {path: reached for path, reached in ours.items() if reached.percent < LIMIT_PERCENT}
    return (
        ROW.format("", "lines", "branches", "together")
        + total(ours.values()).row("assistant")
        + "".join(reached.row(f"  {path}") for path, reached in below.items())
        + total(reached for path, reached in files.items() if path not in ours).row("the rest")
    )


def main(arguments: Sequence[str]) -> int:
    with _stacks_of_its_own():
        _coverage("erase")
        tested = _coverage("run", f"--source={PRODUCT}", "-m", "pytest", *arguments).returncode
    _coverage("combine", "--quiet")
    report = _coverage("json", "--quiet", "-o", "-", stdout=subprocess.PIPE).stdout
    files = reached_files(json.loads(report))
    sys.stdout.write(table(files))
    reached = total(file for path, file in files.items() if is_of_assistant(path))
    return tested or int(reached.percent < LIMIT_PERCENT)


@contextmanager
def _stacks_of_its_own() -> Iterator[None]:
    """A process is measured from its start or not at all, and one that is left running would be for ever."""
    _end_stacks()
    try:
        yield
    finally:
        _end_stacks()


def _end_stacks() -> None:
    for folder in (ROOT / ".run").glob("test*"):
        Stack(folder).down()


def _coverage(*arguments: str, stdout: int | None = None) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "coverage", *arguments]
    return subprocess.run(argv, cwd=ROOT, check=False, stdout=stdout, text=True)


def _reached(summary: Mapping[str, int]) -> Reached:
    return Reached(
        lines=summary["num_statements"],
        reached_lines=summary["covered_lines"],
        branches=summary["num_branches"],
        reached_branches=summary["covered_branches"],
    )


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 100.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
