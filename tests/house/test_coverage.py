"""`make coverage` knows which files are the assistant's, and its table has them beside the rest of the product."""

from fnmatch import fnmatch

import pytest

from tests.house.coverage import ASSISTANT, Reached, is_of_assistant, reached_files, table
from tests.house.source import FLOORS, files

SPEECH, NAMES = "activities/assistant/speech.py", "domain/username.py"
OF_ASSISTANT = [
    "domain/assistant/tools/arithmetic.py",
    "adapters/ai/http_model.py",
    "adapters/mongo/assistant/chats.py",
    "adapters/redis/turn_texts.py",
    "adapters/stores/assistant.py",
    "config/models.py",
    SPEECH,
    "workflows/assistant/turns.py",
    "workers/areas/assistant.py",
    "api/assistant/gateway/relay.py",
]


def summary(lines: int, reached_lines: int, branches: int, reached_branches: int) -> dict[str, object]:
    """One file as coverage.py reports it."""
    counts = {"num_statements": lines, "covered_lines": reached_lines}
    return {"summary": counts | {"num_branches": branches, "covered_branches": reached_branches}}


@pytest.mark.parametrize("path", OF_ASSISTANT)
def test_file_is_of_the_assistant_on_each_floor(path: str) -> None:
    assert is_of_assistant(path)


@pytest.mark.parametrize("path", ["activities/operations/sweep.py", "adapters/redis/presence.py", NAMES])
def test_file_of_another_area_is_not(path: str) -> None:
    assert not is_of_assistant(path)


@pytest.mark.parametrize("pattern", ASSISTANT)
def test_each_pattern_finds_a_file(pattern: str) -> None:
    assert [path for path in files(*FLOORS) if fnmatch(str(path), pattern)]


def test_lines_and_branches_count_together() -> None:
    assert Reached(lines=6, reached_lines=6, branches=4, reached_branches=2).percent == 80.0


def test_file_without_code_is_reached() -> None:
    assert Reached().percent == 100.0


def test_table_names_files_of_the_assistant_below_the_limit_alone() -> None:
    report = {"files": {SPEECH: summary(6, 6, 4, 2), OF_ASSISTANT[0]: summary(9, 9, 1, 1), NAMES: summary(4, 1, 0, 0)}}

    rows = [line.split("  ") for line in table(reached_files(report)).splitlines()]

    assert [[cell.strip() for cell in row if cell.strip()] for row in rows] == [
        ["lines", "branches", "together"],
        ["assistant", "100.0 %", "60.0 %", "90.0 %"],
        [SPEECH, "100.0 %", "50.0 %", "80.0 %"],
        ["the rest", "25.0 %", "100.0 %", "25.0 %"],
    ]
