"""The import contracts of pyproject.toml hold: a floor sees only the floors below it."""

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.house.source import FLOORS, ROOT


def test_contracts_are_kept() -> None:
    lint = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stdout


def test_contracts_speak_of_every_floor() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

    assert set(settings["root_packages"]) == set(FLOORS)
