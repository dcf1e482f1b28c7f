from datetime import UTC, datetime, timedelta, timezone

from domain.moments import format_timestamp, written_day, written_minute

MOMENT = datetime(2026, 1, 31, 9, 30, 5, 678_901, UTC)


def test_program_reads_milliseconds_and_zulu() -> None:
    assert format_timestamp(MOMENT) == "2026-01-31T09:30:05.678Z"


def test_program_reads_utc_whatever_the_zone() -> None:
    moment = MOMENT.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert format_timestamp(moment) == "2026-01-31T09:30:05.678Z"


def test_date_is_formatted_for_users() -> None:
    assert written_day(MOMENT) == "31 January 2026"


def test_time_is_formatted_for_users() -> None:
    assert written_minute(MOMENT) == "31 January 2026, 09:30 UTC"
