"""A cursor names a row; any other text is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.paging import EPOCH, Cursor, format_cursor, parse_cursor, parse_number_cursor

ROW_ID = "0123456789abcdef01234567"


@given(st.integers(min_value=0, max_value=10**13))
def test_written_cursor_reads_back(milliseconds: int) -> None:
    cursor = Cursor(EPOCH + timedelta(milliseconds=milliseconds), ROW_ID)

    assert parse_cursor(format_cursor(cursor)) == cursor


def test_cursor_is_as_exact_as_the_store() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)

    assert parse_cursor(format_cursor(Cursor(at, ROW_ID))).at == at


@pytest.mark.parametrize("text", ["", "garbage", "1-", f"-1-{ROW_ID}", f"1-{ROW_ID}0", f"{'9' * 15}-{ROW_ID}"])
def test_anything_else_is_no_cursor(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_cursor(text)


def test_number_of_a_row_is_a_cursor_of_numbered_lists() -> None:
    assert parse_number_cursor("0042") == 42


@pytest.mark.parametrize("text", ["", "-1", "1.5", "x", "1" * 16, "١"])  # noqa: RUF001 - a digit of another script
def test_what_is_no_number_is_no_cursor(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_number_cursor(text)
