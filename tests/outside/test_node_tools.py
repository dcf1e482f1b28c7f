"""Without a Node.js that is new enough there is one sentence, and no skipped test."""

from pathlib import Path

import pytest

from tests.outside.node_tools import MISSING, ToolFailed, install


def put_program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def test_machine_without_node_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ToolFailed) as failure:
        install()

    assert str(failure.value) == MISSING
    assert "\n" not in MISSING


def test_older_node_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_program(tmp_path / "node", "echo '[18,20,4]'")
    put_program(tmp_path / "npm", "exit 0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    with pytest.raises(ToolFailed) as failure:
        install()

    assert str(failure.value) == MISSING
