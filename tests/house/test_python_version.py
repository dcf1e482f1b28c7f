"""One oldest Python, the same in every file that names it, and no code kept for an older one.

A workaround for one version has a comment: `# Goes with Python 3.11: delete …`. The test fails when that version is no
longer supported, and says what to delete.
"""

import re
import sys
import tomllib

import pytest

from devstack.python_env import OLDEST
from tests.house.source import FLOORS, ROOT, files

Version = tuple[int, ...]

GOES_WITH = re.compile(r"^# Goes with Python (\d+\.\d+): (.+)$", re.MULTILINE)
NAMED_IN = {
    "pyproject.toml": r'requires-python = ">=(\d+\.\d+)"',
    "Makefile": r"--python-version (\d+\.\d+)",
    "deploy/Dockerfile": r"FROM python:(\d+\.\d+)",
}
"""Every place besides `OLDEST` that names the oldest Python."""


def version(text: str) -> Version:
    return tuple(map(int, text.split(".")))


def workarounds() -> dict[str, tuple[Version, str]]:
    """By file: the version with which a workaround can go, and what to delete then."""
    texts = {str(path): (ROOT / path).read_text(encoding="utf-8") for path in files(*FLOORS)}
    return {path: (version(old), deed) for path, text in texts.items() for old, deed in GOES_WITH.findall(text)}


def expired(oldest: Version) -> list[str]:
    """A sentence for each workaround that no Python from `oldest` on needs."""
    return [f"{path}: {deed}" for path, (last, deed) in workarounds().items() if last < oldest]


@pytest.mark.parametrize(("page", "pattern"), NAMED_IN.items())
def test_oldest_python_is_named_alike(page: str, pattern: str) -> None:
    found = re.findall(pattern, (ROOT / page).read_text(encoding="utf-8"))

    assert {version(text) for text in found} == {OLDEST}


def test_code_is_checked_for_the_oldest_python() -> None:
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]

    assert ruff["target-version"] == f"py{OLDEST[0]}{OLDEST[1]}"


def test_tests_run_on_the_oldest_python() -> None:
    """What is written for it is proved on it. On a newer one: `make PYTHON=python3.11`, or raise OLDEST."""
    assert sys.version_info[:2] == OLDEST


def test_nothing_is_kept_for_a_python_that_is_gone() -> None:
    assert expired(max(OLDEST, sys.version_info[:2])) == []


def test_what_goes_with_a_python_is_known() -> None:
    assert set(workarounds()) == {"adapters/driver_patch.py", "api/sockets/lifespan.py"}


def test_newer_python_reports_what_to_delete() -> None:
    assert expired((3, 12)) == [f"{path}: {deed}" for path, (_, deed) in workarounds().items()]
    assert "adapters/driver_patch.py: delete this file" in expired((3, 12))[0]
