"""The programs of the servers, shared by all checkouts of one OS user, keyed by name and version.

An entry appears complete or not at all; two concurrent runs fill it once.
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
    """Return the folder of that key, or None."""
    entry = cache_root() / key
    return entry if entry.is_dir() else None


def filled(key: str, fill: Callable[[Path], None]) -> Path:
    """Return the folder of that key, created by `fill(folder)` if it is missing.

    `fill` writes into an empty folder, which is renamed to the entry once `fill` has returned.
    Raises what `fill` raises, and leaves no entry then.
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
