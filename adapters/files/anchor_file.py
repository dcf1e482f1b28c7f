"""The anchor file: checkpoints, one a line as in an exported journal, out of reach of the database's users.

Several workers may append to it.
"""

import asyncio
import fcntl
import json
import os
from pathlib import Path

TAIL_BYTES = 64_000
"""More than a hundred checkpoints: one that is not among them was never the newest in the days of its deadline."""


class AnchorFile:
    """Appends to the file and reads its end. `path`: None where no file is wanted."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @property
    def is_wanted(self) -> bool:
        """Whether there is a file."""
        return self._path is not None

    async def append(self, token: str) -> None:
        """Append the checkpoint unless it is there; returns once it is on the disk. Raises OSError."""
        if self._path is not None:
            await asyncio.to_thread(_append, self._path, token)

    async def read_tail(self) -> list[str]:
        """Return the newest tokens, oldest first; none without a file. Raises OSError."""
        if self._path is None:
            return []
        return await asyncio.to_thread(_read_tail, self._path)


def _append(path: Path, token: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        # Closing the file frees the lock.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if token in _read_tail(path):
            return
        os.write(descriptor, (json.dumps({"kind": "checkpoint", "token": token}) + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_tail(path: Path) -> list[str]:
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    return [token for line in lines if (token := _token(line))]


def _token(line: str) -> str | None:
    """Return the token of a line; None for what is no line of ours, such as one that the tail cuts."""
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    return str(fields.get("token", "")) if isinstance(fields, dict) else None
