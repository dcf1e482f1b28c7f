"""The programs of the servers, shared by all checkouts of one person, keyed by name and version.

An entry appears complete or not at all; two runs at once fill it once.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from devstack.locks import held


def cache_root() -> Path:
    """`$XDG_CACHE_HOME/decode`, or `~/.cache/decode`."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "decode"


def cached(key: str) -> Path | None:
    """The entry of that key if it is there."""
    entry = cache_root() / key
    return entry if entry.is_dir() else None


def filled(key: str, fill: Callable[[Path], None]) -> Path:
    """The entry of that key, made by `fill(folder)` if it is missing.

    `fill` writes into an empty folder beside it, which takes the entry's name once `fill` has returned.
    Whatever `fill` raises is passed on and leaves no entry.
    """
    entry = cache_root() / key
    if entry.is_dir():
        return entry
    with held(cache_root() / f"{key}.lock"):
        if entry.is_dir():
            return entry
        partial = cache_root() / f"{key}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            fill(partial)
            partial.rename(entry)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return entry
