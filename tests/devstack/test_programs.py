"""A missing program is reported in one sentence each, before anything is downloaded."""

from pathlib import Path

import pytest

from devstack.__main__ import main


def test_missing_programs_are_one_sentence_each_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    code = main(["up", "--servers", "--run", str(tmp_path / "run")])

    said = capsys.readouterr().err.splitlines()
    assert code == 1
    assert [line.split(" needs ")[0] for line in said] == ["The stack", "Neo4j", "Temporal"]
    assert all("install it with: " in line for line in said)
    assert not (tmp_path / "cache").exists()
