"""A row judges itself: by its unit or by its limit, at most or at least; a quick look at its share says which way."""

import math

import pytest

from bench.figure import Figure, Limit, Want, at_least, at_least_times, at_most, at_most_times


def row(ours: float, want: Want, limit: float | None = None) -> Figure:
    return Figure(
        what="a row",
        ours=ours,
        unit="ms",
        want=want,
        because="of something.",
        limit=Limit("the best there is", limit) if limit is not None else None,
    )


@pytest.mark.parametrize(
    ("figure", "is_met"),
    [
        pytest.param(row(30, at_most(32)), True, id="below"),
        pytest.param(row(33, at_most(32)), False, id="above"),
        pytest.param(row(32, at_most(32)), True, id="just"),
        pytest.param(row(11, at_least(10)), True, id="enough"),
        pytest.param(row(9, at_least(10)), False, id="too few"),
        pytest.param(row(24, at_most_times(2.5), 10), True, id="below times the limit"),
        pytest.param(row(26, at_most_times(2.5), 10), False, id="above times the limit"),
        pytest.param(row(7, at_least_times(0.6), 10), True, id="enough of the limit"),
        pytest.param(row(5, at_least_times(0.6), 10), False, id="too little of the limit"),
    ],
)
def test_want_is_judged_in_its_own_terms(figure: Figure, is_met: bool) -> None:
    assert figure.is_met is is_met


def test_absolute_want_does_not_depend_on_the_limit_beside_it() -> None:
    assert row(30, at_most(32), limit=1).is_met
    assert row(30, at_most(32), limit=1).ratio == 30


def test_share_is_above_one_for_a_miss_whichever_way_the_want_points() -> None:
    assert row(64, at_most(32)).share == 2
    assert row(5, at_least(10)).share == 2
    assert row(5, at_least(2.5)).share == 0.5


def test_nothing_where_much_is_wanted_uses_up_the_want_without_bound() -> None:
    assert row(0, at_least(10)).share == math.inf


def test_want_relative_to_no_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the limit"):
        row(1, at_most_times(2))
