"""How moments are written: for programs, and for people to read in a mail. All in UTC."""

from datetime import datetime


def written_iso(moment: datetime) -> str:
    """ISO 8601 to the millisecond, as 2026-01-31T09:30:00.000Z."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def written_day(moment: datetime) -> str:
    """As 31 January 2026."""
    return f"{moment:%d %B %Y}"


def written_minute(moment: datetime) -> str:
    """As 31 January 2026, 09:30 UTC."""
    return f"{moment:%d %B %Y, %H:%M} UTC"
