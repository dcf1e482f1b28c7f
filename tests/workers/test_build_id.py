"""The build id of a worker changes with its code, and only with it."""

import shutil
from pathlib import Path

import pytest

from workers import build_id as module
from workers.build_id import ROOT, SOURCES, build_id


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another checkout of the same code."""
    for folder in SOURCES:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return tmp_path


def build_id_of_the_copy() -> str:
    return build_id.__wrapped__()


def test_same_code_has_the_same_build_id_in_another_place(copy: Path) -> None:
    assert build_id_of_the_copy() == build_id()


def test_changed_code_has_another_build_id(copy: Path) -> None:
    with (copy / "domain" / "codes.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")

    assert build_id_of_the_copy() != build_id()
