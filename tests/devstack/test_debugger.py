"""`make debug` on real processes: it replaces the stack's process, which is started again afterwards."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from devstack.debugger import debug, under_debugger
from devstack.errors import StackError
from devstack.folder import RunFolder
from devstack.ports import choose_ports
from devstack.stack import Stack
from devstack.state import Row, read_state

PROGRAM = """
import os, pathlib, signal, sys
if "debugpy" in sys.modules:
    sys.exit(len(os.environ["TEMPORAL_DEBUG"]) + 6)
pathlib.Path(os.environ["DECODE_READY_FILE"]).touch()
signal.pause()
"""
"""Runs until it is ended, unless it is debugged."""


def rows(folder: RunFolder, ports: Mapping[str, int], api_count: int) -> tuple[Row, ...]:
    ready = str(folder.ready("dummy"))
    argv = (sys.executable, "-c", PROGRAM)
    return (Row(name="dummy", argv=argv, variables={"DECODE_READY_FILE": ready}, ready_file=ready),)


@pytest.fixture
def python_stack(tmp_path: Path) -> Iterator[Stack]:
    """One Python process, up."""
    made = Stack(tmp_path / "run", servers=(), processes=rows)
    made.up()
    yield made
    made.down(wipe=True)


def test_process_is_debugged_in_place_of_the_stacks(python_stack: Stack) -> None:
    first = python_stack.pid("dummy")
    port = choose_ports(["debugpy"], kept={}, running=())["debugpy"]

    assert debug(python_stack, "dummy", port) == 7

    row = read_state(python_stack.folder).find("dummy")
    assert row is not None
    assert (row.healthy, row.wanted, row.pid != first) == (True, True, True)


def test_unknown_process_is_answered_with_what_runs(python_stack: Stack) -> None:
    with pytest.raises(StackError, match=r"redis cannot be debugged; running here: dummy\."):
        debug(python_stack, "redis")


def test_nothing_to_debug_says_how_to_start_it(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="make up"):
        debug(Stack(tmp_path / "run"), "api")


def test_program_and_its_arguments_stay_the_same() -> None:
    assert under_debugger(("python", "-m", "api"), 5678)[-3:] == ["127.0.0.1:5678", "-m", "api"]
