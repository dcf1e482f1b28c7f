"""The anchor file grows by a line for each checkpoint, and is never written anew."""

import asyncio
import stat
from pathlib import Path

import pytest

from adapters.files.anchor_file import TAIL_BYTES, AnchorFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "anchors"


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_checkpoints_are_lines_as_in_an_exported_journal(path: Path) -> None:
    file = AnchorFile(path)
    await file.append("one")
    await file.append("two")
    assert read(path) == '{"kind": "checkpoint", "token": "one"}\n{"kind": "checkpoint", "token": "two"}\n'


async def test_two_workers_at_once_append_a_checkpoint_once(path: Path) -> None:
    await asyncio.gather(*(AnchorFile(path).append("one") for _ in range(8)))
    assert await AnchorFile(path).read_tail() == ["one"]


async def test_lines_before_stay_as_they_are(path: Path) -> None:
    write(path, "a note of an operator\n[]\n")
    await AnchorFile(path).append("one")
    assert read(path).startswith("a note of an operator\n[]\n")
    assert await AnchorFile(path).read_tail() == ["one"]


async def test_end_of_a_long_file_is_read(path: Path) -> None:
    write(path, "x" * TAIL_BYTES + "\n")
    await AnchorFile(path).append("one")
    assert await AnchorFile(path).read_tail() == ["one"]


async def test_file_can_be_read_by_all_and_written_by_its_owner(path: Path) -> None:
    await AnchorFile(path).append("one")
    assert mode(path) & 0o022 == 0


async def test_folder_that_is_missing_is_an_error(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await AnchorFile(path / "missing").append("one")


async def test_without_a_file_nothing_is_written_or_read() -> None:
    file = AnchorFile(None)
    await file.append("one")
    assert (file.is_wanted, await file.read_tail()) == (False, [])
