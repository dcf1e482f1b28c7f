"""Exports: files that a flow gathers, each readable for a day and by the user who asked for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

EXPORT_TTL = timedelta(hours=24)
CHUNK_BYTES = 8_000_000
"""Encrypted and with its metadata, a chunk of this size stays well below MongoDB's limit of 16 MB per document."""


@dataclass(frozen=True)
class Export:
    """One export. It can be downloaded until `ready_until`; None while it is not ready."""

    user_id: str
    ready_until: datetime | None
