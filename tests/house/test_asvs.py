"""docs/asvs.md has every requirement of levels 1 and 2, and names only tests and pages that are there."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.house.marked import names_of_tests
from tests.house.source import ROOT

PAGE = ROOT / "docs" / "asvs.md"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([123]) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))
IN_THE_STANDARD = {"1": 70, "2": 183}
"""Requirements of OWASP ASVS 5.0.0 by level; of level 3 only some are here."""


def proofs(cell: str) -> list[str]:
    return cell.split("<br>")


def is_true(proof: str) -> bool:
    """Whether the entry can be found, or is a reason in words."""
    kind, _, rest = proof.partition(": ")
    if kind == "page":
        return Path(ROOT / rest).is_file()
    if kind in {"differs", "not here", "open"}:
        return bool(rest)
    return proof.strip("`") in names_of_tests()


def test_every_requirement_has_one_row() -> None:
    numbers = [tuple(map(int, number.split("."))) for number, *_ in ROWS]

    assert numbers == sorted(set(numbers))
    assert Counter(level for _, level, *_ in ROWS if level in IN_THE_STANDARD) == IN_THE_STANDARD


@pytest.mark.parametrize(("number", "cell"), [(number, cell) for number, _, _, cell in ROWS])
def test_what_proves_a_requirement_is_there(number: str, cell: str) -> None:
    assert [proof for proof in proofs(cell) if not is_true(proof)] == []
