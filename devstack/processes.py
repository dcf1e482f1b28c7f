"""Start, watch and end processes that outlive the process that started them.

A process is identified by its id and its start time, so that a reused id is never mistaken for it.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.05
LOG_LIMIT_BYTES = 50_000_000
# Python ignores SIGPIPE, and a shell's background jobs ignore SIGINT; a server must inherit neither.
SIGNALS_RESET = (signal.SIGPIPE, signal.SIGINT, signal.SIGHUP, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Process:
    """`born`: the start time, in clock ticks since boot (proc(5)) or as `ps` prints it."""

    pid: int
    born: str


def spawn(argv: Sequence[str], *, variables: Mapping[str, str], log: Path, cwd: Path) -> Process:
    """Start a command in its own session, with its output appended to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    _rotate(log)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # The shell changes to the folder and execs the command: same process, same id.
        pid = os.posix_spawn(
            "/bin/sh",
            ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(cwd), *argv],
            variables,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, output, 1),
                (os.POSIX_SPAWN_DUP2, output, 2),
            ],
            setsid=True,
            setsigdef=SIGNALS_RESET,
        )
    finally:
        os.close(output)
    seen = _look(pid)
    return Process(pid, seen[1] if seen else "")


def is_alive(process: Process) -> bool:
    """Whether that process exists and is not a zombie; a paused one is alive."""
    seen = _look(process.pid)
    return seen is not None and seen[1] == process.born and seen[0] not in "ZX"


def is_running(process: Process) -> bool:
    """Whether it is alive and not paused by SIGSTOP."""
    seen = _look(process.pid)
    return seen is not None and seen[1] == process.born and seen[0] not in "ZXTt"


def end(process: Process, *, patience: float) -> None:
    """End it and its children: by SIGTERM, after `patience` seconds by SIGKILL. No error if it has ended."""
    if is_alive(process):
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
            os.kill(process.pid, signal.SIGCONT)
        if not _gone_within(process, patience):
            _kill_group(process.pid)
            _gone_within(process, 5)
        # A leader that has ended may leave children; its id cannot be reused while its group exists.
        _kill_group(process.pid)


def last_line(log: Path) -> str:
    """Return the last non-blank line, at most 300 characters; empty if there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        lines = file.read().decode("utf-8", "replace").splitlines()
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")


def _gone_within(process: Process, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _look(pid: int) -> tuple[str, str] | None:
    """Return state letter and start time, or None if there is no such process. Reaps our own zombies."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    if Path("/proc/self/stat").exists():
        return _look_in_proc(pid)
    result = subprocess.run(["ps", "-o", "state=,lstart=", "-p", str(pid)], check=False, capture_output=True, text=True)
    state, _, born = result.stdout.strip().partition(" ")
    return (state[0], born.strip()) if state else None


def _look_in_proc(pid: int) -> tuple[str, str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # proc(5): the name in parentheses may contain anything; state is the first field after it, start time the 20th.
    fields = text[text.rindex(")") + 2 :].split()
    return fields[0], fields[19]


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
