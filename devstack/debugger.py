"""Runs one process of the product under debugpy, in the foreground, in place of the one that the stack runs."""

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
"""Where editors look for debugpy."""

PATIENT = {"TEMPORAL_DEBUG": "1"}
"""Temporal's SDK gives a workflow two seconds for each step, unless this is set. A breakpoint takes longer."""


def debug(stack: Stack, name: str, port: int = PORT) -> int:
    """Returns the exit code of the process, once the stack's own is back. Raises StackError if it is unknown."""
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
    """The same Python program, listening for a debugger."""
    python, *program = argv
    return [python, "-Xfrozen_modules=off", "-m", "debugpy", "--listen", f"{HOST}:{port}", *program]


def _process(stack: Stack, name: str) -> Row:
    """What the stack knows of it, if it is a Python process of the product."""
    known = {row.name: row for row in read_state(stack.folder).processes if row.wanted}
    if name not in known:
        raise StackError(f"{name} cannot be debugged; running here: {', '.join(known) or 'nothing (make up)'}.")
    return known[name]


def _run(argv: Sequence[str], variables: dict[str, str]) -> int:
    with subprocess.Popen(argv, cwd=ROOT, env=variables) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The terminal has interrupted the process as well: let it finish what it has begun.
            return process.wait()
