"""The access log: one line for each request, with the fields of any other (config/logging.py), written in batches.

A LogRecord and a write for each request took an eighth of the time of a cheap request (docs/decisions/0055). A line is
therefore up to BATCH_SECONDS behind those of the logging module: an error precedes the line of its request, and `at`
says when each happened. A clean stop loses no line, a kill those of the last BATCH_SECONDS.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from adapters.causes import request_id

BATCH_SECONDS = 0.05
ENCODER = json.JSONEncoder()

LEVEL = logging.getLogger("decode.access")
"""Its level decides, and its name is in the lines; it makes no records."""


class AccessLog:
    """Writes lines to standard error, or where `write` does in tests."""

    def __init__(self, write: Callable[[bytes], object] | None = None) -> None:
        self._write = write or _write_to_stderr
        self._lines: list[str] = []
        self._is_closed = False

    def add(self, *, method: str, route: str | None, status: int, seconds: float) -> None:
        """Add the line of a finished request, unless the level of the logs is above INFO."""
        if not LEVEL.isEnabledFor(logging.INFO):
            return
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": "info",
            "service": "api",
            "logger": LEVEL.name,
            "message": "request",
            "request_id": request_id.get(),
            "method": method,
            **({"route": route} if route else {}),
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
        }
        self._lines.append(ENCODER.encode(line))
        if self._is_closed:
            self._flush()
        elif len(self._lines) == 1:
            asyncio.get_running_loop().call_later(BATCH_SECONDS, self._flush)

    async def aclose(self) -> None:
        """Write all lines. Any later line, of a request that was cancelled at the stop, is written at once."""
        self._is_closed = True
        self._flush()

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            self._write("".join(f"{line}\n" for line in lines).encode())


def _write_to_stderr(text: bytes) -> None:
    """Write below the text layer, whose handler may be writing in another thread: the buffer has a lock."""
    sys.stderr.buffer.write(text)
    sys.stderr.buffer.flush()
