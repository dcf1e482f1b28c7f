"""Installs the npm packages of a folder from its lock file; does nothing if they are up to date."""

import subprocess
from pathlib import Path

from devstack.errors import StackError
from devstack.locks import held
from devstack.programs import get_program, install_hint, run_logged
from devstack.stamps import Stamp

OLDEST = (20, 19)


def install(folder: Path) -> None:
    """Fill `node_modules` of the folder. Raises StackError, also where npm is missing or Node.js too old."""
    with held(folder / ".npm.lock"):
        stamp = Stamp(folder / "node_modules" / "decode-lock.sha256", [folder / "package-lock.json"])
        if stamp.is_current():
            return
        # No package may run a program of its own as it is installed.
        run_npm(folder, "ci", "--ignore-scripts", action=f"Installing the packages of {folder.name}")
        stamp.write()


def run_npm(folder: Path, *arguments: str, action: str) -> None:
    """Run npm in the folder. Raises StackError, also where npm is missing or Node.js too old."""
    _require_node(action)
    npm = get_program("npm", wanted_by=action)
    run_logged([npm, *arguments], action=action, log=folder / "npm.log", cwd=folder)


def _require_node(action: str) -> None:
    node = get_program("node", wanted_by=action)
    version = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    if tuple(map(int, version.lstrip("v").split(".")[:2])) < OLDEST:
        oldest, hint = ".".join(map(str, OLDEST)), install_hint("node")
        raise StackError(f"{action} needs Node.js {oldest} or newer, this is {version}; install one with: {hint}")
