"""Locks between processes. A lock leaves no file behind, and a dead holder never blocks other processes."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

POLL_SECONDS = 0.02


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock named by `path` while the block runs; waits for the current holder."""
    descriptor = _acquire(path)
    try:
        yield
    finally:
        # Unlinked while still held: a waiter sees that its file is no longer the named one and reopens it.
        with suppress(FileNotFoundError):
            path.unlink()
        os.close(descriptor)


def _acquire(path: Path) -> int:
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if _locked(descriptor) and _is_current(descriptor, path):
            return descriptor
        os.close(descriptor)
        # Polled rather than waited for: a thread that waits in the kernel cannot be interrupted.
        time.sleep(POLL_SECONDS)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_current(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
