"""Fetches a Java library and its dependencies into the cache, from a pom of this package with one dependency."""

import re
from collections.abc import Callable
from pathlib import Path

from devstack.cache import cache_root, filled
from devstack.errors import StackError
from devstack.programs import get_program, run_logged


def pom_version(pom: Path) -> str:
    """Return the version of the pom's one dependency, which is pinned only there. Raises StackError."""
    found = re.search(r"<dependency>.*?<version>(.*?)</version>", pom.read_text(encoding="utf-8"), re.DOTALL)
    if found is None:
        raise StackError(f"{pom} names no dependency with a version.")
    return found[1]


def fetched_jars(key: str, *, pom: Path, title: str, finish: Callable[[Path], None] | None = None) -> Path:
    """Return the cache entry with the jars in `lib/`; `finish(entry)` may add files. Raises StackError."""
    maven = get_program("mvn", wanted_by=title)

    def fill(entry: Path) -> None:
        run_logged(
            [
                *(maven, "-q", "-B", "-f", pom, "dependency:copy-dependencies"),
                *("-DincludeScope=runtime", f"-DoutputDirectory={entry / 'lib'}"),
            ],
            action=f"Fetching {title}",
            log=cache_root() / f"{key}.log",
        )
        if finish:
            finish(entry)

    return filled(key, fill)
