"""npm packages are installed when their lock file changes, and only then."""

import json
from pathlib import Path

import pytest

from devstack.errors import StackError
from devstack.npm import install, run_npm

APP = {"name": "app", "dependencies": {"leaf": "file:leaf"}}
LOCK = {
    "name": "app",
    "lockfileVersion": 3,
    "packages": {"": APP, "leaf": {"version": "1.0.0"}, "node_modules/leaf": {"resolved": "leaf", "link": True}},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An app with one package, which needs no registry."""
    (tmp_path / "leaf").mkdir()
    (tmp_path / "leaf" / "package.json").write_text('{"name": "leaf", "version": "1.0.0"}', encoding="utf-8")
    (tmp_path / "package.json").write_text(json.dumps(APP), encoding="utf-8")
    (tmp_path / "package-lock.json").write_text(json.dumps(LOCK), encoding="utf-8")
    install(tmp_path)
    return tmp_path


def test_unchanged_lock_file_is_not_installed_again(folder: Path) -> None:
    (folder / "node_modules" / "leaf").unlink()

    install(folder)

    assert not (folder / "node_modules" / "leaf").exists()


def test_changed_lock_file_is_installed(folder: Path) -> None:
    (folder / "node_modules" / "leaf").unlink()
    (folder / "package-lock.json").write_text(json.dumps(LOCK, indent=2), encoding="utf-8")

    install(folder)

    assert (folder / "node_modules" / "leaf").exists()


def test_node_that_is_too_old_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho v20.18.3\n", encoding="utf-8")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    with pytest.raises(
        StackError, match=r"Building needs Node.js 20.19 or newer, this is v20.18.3; install one with: "
    ):
        run_npm(tmp_path, "ci", action="Building")
