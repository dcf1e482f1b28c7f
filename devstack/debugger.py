"""Runs one process of the product under debugpy, in the foreground, instead of the stack's own."""

import os
import subprocess
from collections.abc import Sequence

from devstack.console import say
from devstack.environment import for_process
from devstack.errors import StackError
from devstack.launch import ROOT
from devstack.ports import HOST
from devstack.stack import Stack
from devstack.state import Row, read_state

PORT = 5678
"""The port on which editors expect debugpy."""

PATIENT = {"TEMPORAL_DEBUG": "1"}
"""Disables the SDK's deadlock detection, which allows a workflow task two seconds: a breakpoint takes longer."""


def debug(stack: Stack, name: str, port: int = PORT) -> int:
    """Debug one process, then start the stack's own again. Returns its exit code. Raises StackError if unknown."""
    row = _process(stack, name)
    variables = for_process(stack.environment(), inherited=os.environ) | row.variables | PATIENT
    stack.stop(name)
    say(f"{name} runs here under debugpy; attach your editor to {HOST}:{port}. Ctrl-C ends it.")
    try:
        return _run(under_debugger(row.argv, port), variables)
    finally:
        say(f"Starting {name} in the stack again.")
        stack.start(name)


def under_debugger(argv: Sequence[str], port: int) -> list[str]:
    """Return the command of the same Python program under debugpy."""
    python, *program = argv
    return [python, "-Xfrozen_modules=off", "-m", "debugpy", "--listen", f"{HOST}:{port}", *program]


def _process(stack: Stack, name: str) -> Row:
    """Return the row of a wanted process of the product. Raises StackError for any other name."""
    known = {row.name: row for row in read_state(stack.folder).processes if row.wanted}
    if name not in known:
        raise StackError(f"{name} cannot be debugged; running here: {', '.join(known) or 'nothing (make up)'}.")
    return known[name]


def _run(argv: Sequence[str], variables: dict[str, str]) -> int:
    with subprocess.Popen(argv, cwd=ROOT, env=variables) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The terminal has interrupted the process as well: wait until it has finished its work.
            return process.wait()
