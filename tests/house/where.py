"""Lists the files of one noun, floor by floor: `python -m tests.house.where registration`.

A file belongs to a noun when its name, or that of a folder above it, has the noun's words in it. A file that puts a
floor or an area together, such as `api/accounts/routers.py`, is listed when it imports such a file. A mail template is
listed when such a file sends it, a page when it mentions the noun.
"""

import difflib
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.house.source import ROOT, files, imported_modules

CODE = ("domain", "adapters", "activities", "workflows", "workers", "api", "tests", "bench")
PAGES = ("docs", "runbooks")
ORDER = (*CODE[:6], "templates", *CODE[6:], *PAGES)
"""The floors from the bottom up, then what lies beside them."""

PARTS = {"areas", "stores"}
"""Folders with one file for each area, which lists the parts of the area on this floor."""

MAIL_KIND = re.compile(r"\bMailKind\.([A-Z_]+)")


def where(noun: str) -> Mapping[str, list[Path]]:
    """Paths from the root, by floor in the order of `ORDER`. Empty when nothing has the noun in its name."""
    own = {floor: [path for path in files(floor) if _is_of(noun, path)] for floor in CODE}
    if not any(own.values()):
        return {}
    wiring = {floor: [path for path in files(floor) if _is_wiring(noun, path)] for floor in CODE}
    found = {floor: own[floor] + [path for path in wiring[floor] if path not in own[floor]] for floor in CODE}
    found["templates"] = _letters([path for paths in own.values() for path in paths])
    found |= {folder: _pages(noun, folder) for folder in PAGES}
    return {floor: found[floor] for floor in ORDER if found[floor]}


def close_matches(noun: str) -> list[str]:
    """Names of files and folders that are spelled like it."""
    names = {part.removeprefix("test_") for path in files(*CODE) for part in (*path.parts[1:-1], path.stem)}
    return difflib.get_close_matches("_".join(_words(noun)), sorted(names), n=5)


def _words(name: str) -> list[str]:
    return re.split(r"[_\W]+", name.lower().strip())


def _singular(name: str) -> str:
    """Return the words without a plural s, each between underscores."""
    return "_" + "".join(f"{word.removesuffix('s')}_" for word in _words(name))


def _is_of(noun: str, path: Path) -> bool:
    is_code = path.name != "__init__.py"
    return is_code and any(_singular(noun) in _singular(part) for part in (*path.parts[1:-1], path.stem))


def _is_wiring(noun: str, path: Path) -> bool:
    """Whether a file that puts a floor or an area together imports a module of the noun."""
    is_part_of_the_whole = len(path.parts) == 2 or path.parts[1] in PARTS or path.stem == "routers"
    if not is_part_of_the_whole or path.parts[0] in {"tests", "bench"}:
        return False
    modules = imported_modules(path)
    return any(_singular(noun) in _singular(part) for module in modules for part in module.split(".")[1:])


def _letters(senders: Sequence[Path]) -> list[Path]:
    """Folders of the mails that product files among these name."""
    texts = [(ROOT / path).read_text(encoding="utf-8") for path in senders if path.parts[0] in CODE[2:6]]
    kinds = {kind.lower().replace("_", "-") for text in texts for kind in MAIL_KIND.findall(text)}
    return [Path("templates", "mail", kind) for kind in sorted(kinds)]


def _pages(noun: str, folder: str) -> list[Path]:
    words = [re.escape(word.removesuffix("s")) + "s?" for word in _words(noun)]
    mention = re.compile(rf"\b{'[ _-]'.join(words)}\b", re.IGNORECASE)
    pages = sorted((ROOT / folder).rglob("*.md"))
    return [page.relative_to(ROOT) for page in pages if mention.search(page.read_text(encoding="utf-8"))]


def _first_line(path: Path) -> str:
    """Return the first line of a module's docstring or of a page."""
    if not path.suffix:
        return ""
    first, *_ = (ROOT / path).read_text(encoding="utf-8").splitlines() or [""]
    return first.strip('"# ') if first.startswith(('"', "#")) else ""


def _listing(found: Mapping[str, list[Path]]) -> str:
    """A line for each floor, then one for each of its files."""
    rows = {floor: [f"  {path!s:<58} {_first_line(path)}".rstrip() for path in paths] for floor, paths in found.items()}
    return "".join(f"{line}\n" for floor, lines in rows.items() for line in (floor, *lines))


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 after one line when no file matches."""
    noun = " ".join(arguments)
    found = where(noun)
    sys.stdout.write(_listing(found))
    if not found:
        close = ", ".join(close_matches(noun)) or "none; `ls domain/*` shows what there is"
        sys.stderr.write(f"No file has '{noun}' in its name. Close matches: {close}.\n")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
