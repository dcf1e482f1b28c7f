"""The worked example of CONTRIBUTING.md, laid over a copy of this tree, is a noun like any other."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.markdown_blocks import ROOT, Block, named_blocks

FLOORS = ("api", "workers", "workflows", "activities", "adapters", "domain", "config", "templates")
PARTS = [block for block in named_blocks("CONTRIBUTING.md") if "/" in block.name]
CODE = sorted({part.name for part in PARTS if part.name.endswith(".py")})
TESTS = [name for name in CODE if name.startswith("tests/")]
WIRED = "import workers.registry; from api.openapi import contract; assert '/tips' in contract()"
BARE = "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1"
"""The example's tests need no plugin, and loading them takes longer than everything else here."""
LEFT_BEHIND = shutil.ignore_patterns("__pycache__", ".ruff_cache")

CHECKS = {
    "imports": [sys.executable, "-c", WIRED],
    "ruff": [sys.executable, "-m", "ruff", "check", *CODE],
    "format": [sys.executable, "-m", "ruff", "format", "--check", *CODE],
    "types": [sys.executable, "-m", "mypy", *CODE],
    "contracts": [str(Path(sys.executable).with_name("lint-imports"))],
    "tests": ["env", BARE, sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider", *TESTS],
}


def lay(part: Block, house: Path) -> None:
    """Write a new file, or change an existing one by its diff."""
    path = house / part.name
    text = _changed(part, path.read_text(encoding="utf-8")) if part.language == "diff" else part.text
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _changed(part: Block, text: str) -> str:
    for hunk in part.text.split("@@\n"):
        lines = hunk.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] in " -")
        assert text.count(old) == 1, f"{part.name} has not exactly one place for\n{hunk}"
        text = text.replace(old, "".join(line[1:] for line in lines if line[0] in " +"))
    return text


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with the example in it, and with what mypy knows of everything else."""
    copy = tmp_path_factory.mktemp("house")
    for floor in FLOORS:
        shutil.copytree(ROOT / floor, copy / floor, ignore=LEFT_BEHIND)
    shutil.copy(ROOT / "pyproject.toml", copy)
    subprocess.run(["cp", "-a", ROOT / ".mypy_cache", copy], check=False, capture_output=True)
    for part in PARTS:
        lay(part, copy)
    return copy


def test_example_has_a_file_on_every_floor() -> None:
    assert {name.partition("/")[0] for name in CODE} >= {
        "domain",
        "adapters",
        "activities",
        "workflows",
        "workers",
        "api",
        "tests",
    }


@pytest.mark.parametrize("check", CHECKS)
def test_example_passes(house: Path, check: str) -> None:
    done = subprocess.run(CHECKS[check], cwd=house, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
