"""The tools that npm has installed here; they run on Node.js 20."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
MODULES = FOLDER / "node_modules"


class ToolFailed(Exception):
    """A tool ended with an error or a warning. The text says which, and what it printed."""


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
