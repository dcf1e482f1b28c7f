"""The pages: each can be reached, no link is broken, the lists name existing files."""

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests.house.source import ROOT

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
ROW = re.compile(r"^\| \[(\d{4})\]\(([\w.-]+)\) \| (.+) \|$", re.MULTILINE)
PATH_IN_TEXT = re.compile(r"`((?:tests|domain|api|workflows|activities|adapters|devstack|runbooks|docs)/[\w./-]*)`")

PAGES = sorted(
    path.relative_to(ROOT) for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("runbooks/*.md"))
)
TEMPLATES = {Path("docs/decisions/template.md"), Path("runbooks/template.md")}
DECISIONS = Path("docs/decisions")
BY_HAND = ["README.md", "SECURITY.md", "docs/README.md", "docs/architecture.md", "docs/first-hour.md", "docs/house.md"]
"""Pages in which a path in backquotes is one of this tree. Others also show made-up ones."""


@cache
def text(page: Path) -> str:
    """The page without its code."""
    return CODE.sub("", (ROOT / page).read_text(encoding="utf-8"))


def targets(page: Path) -> list[tuple[Path, str]]:
    """What a page links to in this tree: the path from the root, and the heading if one is named."""
    found = [link.partition("#") for link in LINK.findall(text(page)) if "://" not in link]
    return [(_from_root(page, path), anchor) for path, _, anchor in found]


def reached(start: Path) -> set[Path]:
    """Every page that can be reached by links from a page."""
    seen, ahead = {start}, [start]
    while ahead:
        new = {path for path, _ in targets(ahead.pop()) if path in PAGES} - seen
        seen |= new
        ahead += new
    return seen


def anchors(page: Path) -> set[str]:
    """The names that headings have in links."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text(page))}


def _from_root(page: Path, link: str) -> Path:
    return (ROOT / page.parent / link).resolve().relative_to(ROOT) if link else page


def _title(page: Path) -> str:
    return (ROOT / page).read_text(encoding="utf-8").splitlines()[0]


def test_every_page_is_reached_from_the_index() -> None:
    assert set(PAGES) - reached(Path("docs/README.md")) == set()


def test_every_page_beside_the_decisions_is_in_the_index_itself() -> None:
    beside = {path.relative_to(ROOT) for path in (ROOT / "docs").iterdir() if path.is_file()}

    assert beside - {Path("docs/README.md")} - {path for path, _ in targets(Path("docs/README.md"))} == set()


@pytest.mark.parametrize("page", sorted(set(PAGES) - TEMPLATES), ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    assert [str(path) for path, _ in targets(page) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", sorted(set(PAGES) - TEMPLATES), ids=str)
def test_links_to_headings_name_one_that_is_there(page: Path) -> None:
    named = [(path, anchor) for path, anchor in targets(page) if anchor]

    assert [f"{path}#{anchor}" for path, anchor in named if anchor not in anchors(path)] == []


@pytest.mark.parametrize("page", BY_HAND)
def test_paths_in_the_text_are_there(page: str) -> None:
    assert [path for path in PATH_IN_TEXT.findall(text(Path(page))) if not (ROOT / path).exists()] == []


def test_decisions_are_listed_by_number_with_their_titles() -> None:
    pages = sorted(path for path in (ROOT / DECISIONS).glob("[0-9]*.md"))
    listed = [(name, f"# {number} {title}") for number, name, title in ROW.findall(text(DECISIONS / "README.md"))]

    assert listed == [(path.name, _title(path.relative_to(ROOT))) for path in pages]


def test_decisions_have_numbers_of_their_own() -> None:
    numbers = [path.name[:4] for path in (ROOT / DECISIONS).glob("[0-9]*.md")]

    assert len(numbers) == len(set(numbers))


def test_readme_fits_two_screens_and_begins_with_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()

    assert len(readme) <= 90
    assert [line.partition(" #")[0].rstrip() for line in readme[3:5]] == ["make run", "make test"]


def test_rows_of_the_bench_that_a_page_names_are_there() -> None:
    named = re.findall(r"^\| \*([^*]+)\* \|", text(Path("docs/growing.md")), re.MULTILINE)

    assert named
    assert [name for name in named if f"| {name} |" not in text(Path("docs/bench.md"))] == []


def test_first_hour_fits_one_screen() -> None:
    assert len((ROOT / "docs" / "first-hour.md").read_text(encoding="utf-8").splitlines()) <= 40


def test_changelog_has_the_version_that_is_released_next() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert "## [Unreleased]" in text(Path("CHANGELOG.md"))
    assert project["version"] in text(Path("CHANGELOG.md"))
