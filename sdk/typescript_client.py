"""Builds and packs sdk/typescript, if anything that it is made of has changed.

What is built is not committed: `src/generated` from the contract, `dist` from all sources, the package in it.
"""

import shutil
import sys
from pathlib import Path

from devstack.errors import StackError
from devstack.locks import held
from devstack.npm import install, run_npm
from devstack.stamps import Stamp

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "sdk" / "typescript"
DIST = FOLDER / "dist"


def build() -> Path:
    """Return the packed client, built from the sources as they are now. Raises StackError."""
    with held(FOLDER / ".building.lock"):
        stamp = Stamp(DIST / "inputs.sha256", _inputs())
        if not stamp.is_current():
            install(FOLDER)
            shutil.rmtree(DIST, ignore_errors=True)
            run_npm(FOLDER, "run", "build", action="Building sdk/typescript")
            run_npm(FOLDER, "pack", "--pack-destination", str(DIST), action="Packing sdk/typescript")
            stamp.write()
    return next(DIST.glob("*.tgz"))


def _inputs() -> list[Path]:
    """Return all that the build reads."""
    patterns = ("src/*.ts", "scripts/*", "*.json", "README.md")
    sources = [path for pattern in patterns for path in FOLDER.glob(pattern)]
    contract = [ROOT / "docs" / "openapi.json", ROOT / "docs" / "asyncapi.yaml"]
    return sorted(sources + contract)


def main() -> int:
    """Return exit code 0 once the client is built, else 1 after one sentence."""
    try:
        build()
    except StackError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
