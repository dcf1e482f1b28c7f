"""CPU time of processes, as the kernel counts it: it hardly depends on other load of the machine."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.figure import Split

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def cpu_ms(pids: Sequence[int]) -> float:
    """Return the milliseconds that these processes have used so far, all threads, user and system (proc(5))."""
    return sum(_ticks(pid) for pid in pids) * TICK_MS


def cpu_by_name(pids: Mapping[str, int]) -> Split:
    """Return the same for each named process."""
    return {name: cpu_ms([pid]) for name, pid in pids.items()}


def spent_each(before: Split, after: Split, *, idle: Split, seconds: float, calls: int) -> Split:
    """Return what each process spent on one call.

    `idle` is what each uses in a second without any call; the share of `seconds` is taken off. A process that used no
    more than that spent nothing.
    """
    return {name: max(0.0, after[name] - before[name] - idle.get(name, 0.0) * seconds) / calls for name in after}


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return int(fields[11]) + int(fields[12])
