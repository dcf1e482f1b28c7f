"""The tools from npm, installed once from package-lock.json; they run on Node.js 20."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from devstack.locks import held

FOLDER = Path(__file__).resolve().parent
MODULES = FOLDER / "node_modules"
LOCK_FILE = FOLDER / "package-lock.json"
STAMP = MODULES / "decode-lock.sha256"
OLDEST = (20, 19)
MISSING = "The contract's tools need Node.js 20.19 or newer with npm; install it from your distribution or nodejs.org."


class ToolFailed(Exception):
    """A tool ended with an error or a warning. The text says which, and what it printed."""


def install() -> None:
    """Fill node_modules unless it is what the lock file says. Raises ToolFailed, also without a Node.js new enough."""
    _require_node()
    with held(FOLDER / ".node_modules.lock"):
        wanted = hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()
        if not STAMP.exists() or STAMP.read_text(encoding="utf-8") != wanted:
            run(["npm", "ci"], FOLDER)
            STAMP.write_text(wanted, encoding="utf-8")


def _require_node() -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise ToolFailed(MISSING)
    version = run(["node", "--print", "JSON.stringify(process.versions.node.split('.').map(Number))"], FOLDER)
    if tuple(json.loads(version)[:2]) < OLDEST:
        raise ToolFailed(MISSING)


def tool(name: str) -> str:
    """Return the path of a program that npm installed."""
    return str(MODULES / ".bin" / name)


def run(argv: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None) -> str:
    """Return what a program printed. Raises ToolFailed when it fails."""
    environment = {**os.environ, "REDOCLY_TELEMETRY": "off", **(variables or {})}
    done = subprocess.run(argv, cwd=folder, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise ToolFailed(f"{Path(argv[0]).name} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
