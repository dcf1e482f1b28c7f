"""Clients that foreign generators make of the contract, and the journey that each plays, its output unmodified."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.outside.node_tools import FOLDER, MODULES, ToolFailed, run, tool

TYPESCRIPT = FOLDER / "typescript"
JOURNEY = "tests.outside.python_journey"
ROOT = FOLDER.parents[1]


@dataclass(frozen=True)
class Target:
    """The stack to play against. `address` is the client's, for the limits of its network."""

    api: str
    mailbox: str
    address: str

    @property
    def variables(self) -> Mapping[str, str]:
        return {"OUTSIDE_API": self.api, "OUTSIDE_MAILBOX": self.mailbox, "OUTSIDE_ADDRESS": self.address}


def generate_python(document: Path, folder: Path) -> None:
    """Run openapi-python-client. Raises ToolFailed for a warning too."""
    bin_folder = Path(sys.executable).parent
    argv = [str(bin_folder / "openapi-python-client"), "generate", "--meta=none", "--fail-on-warning"]
    # It knows no lines of JSON by itself, of which a file of the journal consists.
    config = folder / "config.json"
    config.write_text(json.dumps({"content_type_overrides": {"application/x-ndjson": "text/plain"}}))
    # It formats with the ruff that it finds there, and warns when there is none.
    path = {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    out = folder / "generated_client"
    run([*argv, f"--config={config}", f"--path={document}", f"--output-path={out}"], folder, path)


def play_python(folder: Path, target: Target) -> None:
    """Play the journey by the generated package. Raises ToolFailed."""
    path = f"{folder}{os.pathsep}{ROOT}"
    run([sys.executable, "-m", JOURNEY], folder, {**target.variables, "PYTHONPATH": path})


def generate_typescript(document: Path, folder: Path) -> None:
    """Run openapi-typescript and @hey-api/openapi-ts beside the journeys, and compile all of it. Raises ToolFailed."""
    shutil.copytree(TYPESCRIPT, folder, dirs_exist_ok=True)
    shutil.copy(FOLDER / "package.json", folder)
    (folder / "node_modules").symlink_to(MODULES)
    said = run([tool("openapi-typescript"), str(document), "-o", "generated/schema.d.ts"], folder)
    said += run([tool("openapi-ts"), "--no-log-file"], folder, {"OUTSIDE_DOCUMENT": str(document)})
    if "warn" in said.lower():
        raise ToolFailed(said)
    run([tool("tsc"), "-p", "."], folder)


def play_typescript(folder: Path, target: Target, journey: str) -> None:
    """Play a compiled journey: `openapi_fetch` or `hey_api`. Raises ToolFailed."""
    run(["node", f"build/{journey}.js"], folder, target.variables)
