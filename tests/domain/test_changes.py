"""How often a username may be changed, and when an address may not be."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.changes import is_barred, is_too_soon

CHANGED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_first_change_is_never_too_soon() -> None:
    assert not is_too_soon(None, CHANGED_AT)


@pytest.mark.parametrize(("later", "verdict"), [(timedelta(days=30, seconds=-1), True), (timedelta(days=30), False)])
def test_next_change_is_too_soon_for_thirty_days(later: timedelta, verdict: bool) -> None:
    assert is_too_soon(CHANGED_AT, CHANGED_AT + later) is verdict


def test_address_that_was_never_taken_back_is_not_barred() -> None:
    assert not is_barred(None, CHANGED_AT)


@pytest.mark.parametrize(("later", "verdict"), [(timedelta(days=7, seconds=-1), True), (timedelta(days=7), False)])
def test_address_that_was_taken_back_is_barred_for_seven_days(later: timedelta, verdict: bool) -> None:
    assert is_barred(CHANGED_AT, CHANGED_AT + later) is verdict
