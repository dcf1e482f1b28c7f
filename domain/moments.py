"""Times and their formats, for programs and for users in mails. All are in UTC."""

from datetime import UTC, date, datetime, time


def midnight(day: date) -> datetime:
    """Return the first moment of a day, UTC."""
    return datetime.combine(day, time(), UTC)


def format_timestamp(moment: datetime) -> str:
    """Return ISO 8601 with milliseconds and in UTC, as 2026-01-31T09:30:00.000Z. `moment` is aware."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def written_day(moment: datetime) -> str:
    """Return the day, as 31 January 2026."""
    return f"{moment:%d %B %Y}"


def written_minute(moment: datetime) -> str:
    """Return day and minute, as 31 January 2026, 09:30 UTC."""
    return f"{moment:%d %B %Y, %H:%M} UTC"
