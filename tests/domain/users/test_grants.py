"""A grant counts until its moment."""

from datetime import timedelta

import pytest

from domain.users.grants import GIVING, TAKING, Grant, GrantKind
from tests.support.builders import NOW


@pytest.mark.parametrize(("seconds", "counts"), [(None, True), (1, True), (0, False), (-1, False)])
def test_grant_counts_until_its_moment(seconds: int | None, counts: bool) -> None:
    until = None if seconds is None else NOW + timedelta(seconds=seconds)
    grant = Grant("1" * 24, GrantKind.PERMISSION, "orders:refund", until, "on call", "9" * 24, NOW)

    assert grant.is_live(NOW) is counts


def test_each_kind_has_a_permission_to_give_and_to_take_it() -> None:
    assert GIVING.keys() == TAKING.keys() == {*GrantKind}
