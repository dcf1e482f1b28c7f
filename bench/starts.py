"""How long one more process of the product takes to be ready, and its memory while it has nothing to do."""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.bench import Bench
from bench.figure import Figure, Limit, at_most
from bench.memory import resident_mb
from devstack.environment import for_process
from devstack.launch import ROOT
from devstack.ports import answers, choose_ports
from devstack.processes import last_line

LOOK_SECONDS = 0.02
IDLE_AFTER_SECONDS = 3.0
LIBRARIES = "import of its libraries alone"


@dataclass(frozen=True)
class Process:
    """A kind of process: its module, its libraries, and what is wanted of it."""

    name: str
    module: str
    libraries: str
    seconds: float
    idle_mb: float


STORES = "adapters.lean_driver, pymongo, redis.asyncio, cryptography, jinja2, aiosmtplib, nacl.pwhash"
WEB = "fastapi, uvicorn, uvloop, httpx, jwt, segno, multiformats, eth_keys.backends.coincurve, eth_utils.address"
API = Process("API process", "api", f"{STORES}, {WEB}, temporalio.client", 2, 120)
WORKER = Process("worker", "workers", f"{STORES}, temporalio.worker", 3, 150)


async def measure(bench: Bench) -> list[Figure]:
    """Start API processes and workers beside those of the stack, one after the other."""
    environment, rounds = bench.stack.environment(), bench.rounds(5, 1)
    return [
        *await asyncio.to_thread(_figures, API, environment, rounds),
        *await asyncio.to_thread(_figures, WORKER, environment, rounds),
    ]


def _figures(process: Process, environment: Mapping[str, str], rounds: int) -> list[Figure]:
    starts = [_start(process, environment) for _ in range(rounds)]
    imports = [_import(process.libraries) for _ in range(rounds)]
    return [
        Figure(
            what=f"{process.name}, start until ready",
            ours=statistics.median(seconds for seconds, _ in starts),
            unit="s",
            limit=Limit(LIBRARIES, statistics.median(seconds for seconds, _ in imports)),
            want=at_most(process.seconds),
            because="imports: those of the libraries, then our own models and messages, which are built as they load.",
        ),
        Figure(
            what=f"{process.name}, idle memory",
            ours=statistics.median(megabytes for _, megabytes in starts),
            unit="MB",
            limit=Limit(LIBRARIES, statistics.median(megabytes for _, megabytes in imports)),
            want=at_most(process.idle_mb),
            because="the libraries: Temporal's messages, the drivers of three stores, pydantic; ours is the rest.",
        ),
    ]


def _start(process: Process, environment: Mapping[str, str]) -> tuple[float, float]:
    """Return the seconds until the process is ready, and its memory in MB a moment later."""
    with TemporaryDirectory() as folder:
        ready, port = Path(folder) / "ready", choose_ports(["bench"], kept={}, running=())["bench"]
        variables = {**environment, "DECODE_READY_FILE": str(ready), "DECODE_API_PORT": str(port)}
        command = [sys.executable, "-m", process.module]
        environ = for_process(variables, inherited=os.environ)
        began = time.perf_counter()
        log = Path(folder) / "log"
        with log.open("wb") as out, subprocess.Popen(command, cwd=ROOT, env=environ, stdout=out, stderr=out) as running:
            _wait(running, lambda: ready.exists() or answers(port, seconds=LOOK_SECONDS), log)
            seconds = time.perf_counter() - began
            time.sleep(IDLE_AFTER_SECONDS)
            megabytes = resident_mb(running.pid)
            running.terminate()
    return seconds, megabytes


def _wait(running: subprocess.Popen[bytes], is_ready: Callable[[], bool], log: Path) -> None:
    """Return once the process is ready. Raises RuntimeError with the end of its log when it ends before."""
    while not is_ready():
        if running.poll() is not None:
            raise RuntimeError(f"{running.args!r} ended with {running.returncode}: {last_line(log)}")
        time.sleep(LOOK_SECONDS)


def _import(libraries: str) -> tuple[float, float]:
    """Return the seconds that a process takes to import these, and its memory in MB then."""
    began = time.perf_counter()
    code = f"import {libraries}, os; from bench.memory import resident_mb; print(resident_mb(os.getpid()))"
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)
    return time.perf_counter() - began, float(done.stdout)
