"""One folder and a bare Python verify an exported journal."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import domain.journal
from tests.support.journal_files import JWKS, Line, checkpoint_line, link_of, make_entries, make_file, to_bytes
from tests.support.markdown_blocks import named_blocks

ENTRIES = make_entries(3)
SIGNED: Sequence[Line] = [*ENTRIES, checkpoint_line(link_of(ENTRIES[-1]))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that has `domain/journal`, exported journals and nothing else."""
    folder = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(Path(domain.journal.__path__[0]), folder / "domain" / "journal")
    (folder / "jwks.json").write_text(JWKS)
    (folder / "intact").write_bytes(make_file(SIGNED))
    (folder / "broken").write_bytes(make_file(ENTRIES[:1] + ENTRIES[2:], last=3))
    (folder / "cut").write_bytes(make_file(ENTRIES[:2]))
    (folder / "filtered").write_bytes(make_file(ENTRIES[1:2], last=3, whole=False, filter={"type": "user.*"}))
    (folder / "anchors").write_bytes(to_bytes(SIGNED[3:]))
    return folder


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the command by a Python without environment and packages. Returns its exit code and what it wrote."""
    command = [sys.executable, "-E", "-s", "-S", "-m", "domain.journal", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("intact", "--keys", "jwks.json"), 0, "intact: entries 1 to 3; 1 checkpoints, signed up to 3\n"),
        (("intact",), 0, "intact: entries 1 to 3; signatures not checked, give --keys\n"),
        (("filtered",), 0, "intact one by one: 1 entries of 1 to 3, filtered: not a chain; signatures not checked"),
        (("broken",), 1, "broken at 2: it is missing\n"),
        (("cut", "--keys", "jwks.json", "--anchors", "anchors"), 1, "broken at 3: it is missing"),
        (("absent",), 2, "cannot be read: "),
        (("jwks.json",), 2, "cannot be read: line 1 "),
        (("intact", "--keys", "broken"), 2, "cannot be read: broken: "),
        (("cut", "--anchors", "anchors"), 2, "usage: "),
        ((), 2, "usage: "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_command_says_in_one_line_and_by_its_exit_code_what_it_found(
    folder: Path, arguments: Sequence[str], code: int, text: str
) -> None:
    found, written = run(folder, *arguments)
    assert (found, written[: len(text)]) == (code, text)


def test_example_of_the_page_is_verified(folder: Path) -> None:
    blocks = {block.name: block.text for block in named_blocks("docs/audit-file.md")}
    (folder / "example").write_text(blocks["example"])
    (folder / "example-keys").write_text(blocks["keys"])

    assert run(folder, "example", "--keys", "example-keys") == (
        0,
        "intact: entries 1 to 2; 1 checkpoints, signed up to 2\n",
    )
