"""Remembers what something was made from, so that it is made again only when that has changed.

`devstack.python_env` reads this with any Python 3: the standard library only, and no newer syntax.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Stamp:
    """`path`: the file that remembers, beside what was made. `inputs`: the files that it is made from."""

    path: Path
    inputs: Sequence[Path]

    def is_current(self) -> bool:
        """Whether it was made, from the inputs as they are now."""
        return self.path.exists() and self.path.read_text(encoding="utf-8") == self._fingerprint()

    def write(self) -> None:
        """Remember the inputs as they are now."""
        self.path.write_text(self._fingerprint(), encoding="utf-8")

    def _fingerprint(self) -> str:
        return hashlib.sha256(b"".join(path.read_bytes() for path in self.inputs)).hexdigest()
