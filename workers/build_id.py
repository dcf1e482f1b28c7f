"""The build id of a worker: which code it runs. Operators see it on every workflow task."""

import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("config", "domain", "adapters", "activities", "workflows", "workers", "templates")
"""Folders of which a worker runs code or renders text; they lie in the image as well."""


@cache
def build_id() -> str:
    """Return 16 hex digits: a hash of the worker's source files and of pyproject.toml, the same on every machine.

    The SDK's default hashes the bytecode of all loaded modules, which takes 1.8 s of each start.
    """
    digest = hashlib.sha256()
    for path in _source_files():
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _source_files() -> list[Path]:
    found = [path for folder in SOURCES for path in (ROOT / folder).rglob("*")]
    return sorted([ROOT / "pyproject.toml", *(path for path in found if path.is_file() and path.suffix != ".pyc")])
