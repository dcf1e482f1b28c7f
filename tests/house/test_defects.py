"""docs/defects.md names for each old defect the test that proves it fixed.

`python -m tests.house.test_defects` writes the tests' names again.
"""

import re
import sys

from tests.house.marked import by_defect
from tests.house.source import ROOT

PAGE = ROOT / "docs" / "defects.md"
ROW = re.compile(r"\| (\d+) \| ([^|]+) \| ([^|]*) \|")
WITHOUT_A_TEST = re.compile(r"not built yet(: [\w, -]+)?|cannot come back: .+")
NUMBERS = range(1, 109)
"""The chapters on security, consistency, behaviour and speed."""


def rows(text: str) -> dict[int, str]:
    """The last column, by number."""
    return {int(number): why.strip() for number, _, why in ROW.findall(text)}


def renewed(text: str) -> str:
    """The page with the tests' names as they are now; rows without a test stay as they are."""

    def row(match: re.Match[str]) -> str:
        number, what, why = match.groups()
        return f"| {number} | {what} | {named(int(number)) or why.strip()} |"

    return ROW.sub(row, text)


def named(number: int) -> str:
    return "<br>".join(f"`{name}`" for name in by_defect().get(number, []))


def test_every_defect_has_a_row_in_order() -> None:
    assert list(rows(PAGE.read_text(encoding="utf-8"))) == list(NUMBERS)


def test_every_marked_defect_is_one_of_the_list() -> None:
    assert set(by_defect()) - set(NUMBERS) == set()


def test_page_names_the_tests_as_they_are() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert renewed(text) == text


def test_defect_without_a_test_says_why() -> None:
    bare = {number: why for number, why in rows(PAGE.read_text(encoding="utf-8")).items() if not named(number)}

    assert {number: why for number, why in bare.items() if not WITHOUT_A_TEST.fullmatch(why)} == {}


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")
