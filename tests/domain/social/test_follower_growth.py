from datetime import UTC, date, datetime, timedelta

import pytest

from domain.errors import InvalidInput
from domain.social.follower_growth import MAX_READ_CHANGES, Growth, GrowthPoint, net_changes, resolve_range
from domain.social.follower_snapshots import FollowerDiff

TODAY = date(2026, 3, 31)
A_DAY = timedelta(days=1)
BASE = GrowthPoint(TODAY - 3 * A_DAY, datetime(2026, 3, 28, tzinfo=UTC), 10, 7, 7)


def point(days_ago: int, number: int, gained: int = 0, lost: int = 0) -> GrowthPoint:
    day = TODAY - days_ago * A_DAY
    return GrowthPoint(day, datetime(day.year, day.month, day.day, tzinfo=UTC), number, gained, lost)


def growth(*points: GrowthPoint, base: GrowthPoint | None = BASE) -> Growth:
    return Growth(TODAY - 3 * A_DAY, TODAY, base, points)


def test_totals_are_those_of_the_days_after_the_first() -> None:
    found = growth(point(2, 12, gained=3, lost=1), point(0, 11, gained=0, lost=1))

    assert (found.followers_before, found.followers_after, found.gained, found.lost) == (10, 11, 3, 2)


def test_growth_begins_with_the_first_day_that_was_taken() -> None:
    found = growth(point(1, 5), point(0, 6, gained=1), base=None)

    assert (found.followers_before, found.followers_after, found.gained) == (5, 6, 1)


def test_without_a_day_the_list_is_empty() -> None:
    found = growth(base=None)

    assert (found.followers_before, found.followers_after, found.gained, found.lost) == (0, 0, 0, 0)


def test_without_a_newer_day_nothing_has_changed() -> None:
    assert (growth().followers_before, growth().followers_after) == (10, 10)


def test_all_are_named_where_few_have_changed() -> None:
    assert growth(point(2, 12, gained=MAX_READ_CHANGES)).listed_since == TODAY - 3 * A_DAY


def test_newest_are_named_where_many_have_changed() -> None:
    found = growth(point(2, 12, gained=1), point(1, 12, gained=MAX_READ_CHANGES), point(0, 12, lost=1))

    assert found.listed_since == TODAY - A_DAY


def test_net_is_the_followers_gained_the_newest_first() -> None:
    changes = [FollowerDiff(["a"], ["b"]), FollowerDiff(["c"], ["a"]), FollowerDiff(["b", "d"], ["e"])]

    assert net_changes(changes) == FollowerDiff(["d", "c"], ["e"])


def test_user_who_unfollowed_and_followed_again_has_not_changed() -> None:
    assert net_changes([FollowerDiff((), ["a"]), FollowerDiff(["a"])]) == FollowerDiff([], [])


@pytest.mark.parametrize(
    ("since", "until", "judged"),
    [
        (None, None, (TODAY - 30 * A_DAY, TODAY)),
        (TODAY - A_DAY, None, (TODAY - A_DAY, TODAY)),
        (None, TODAY - A_DAY, (TODAY - 31 * A_DAY, TODAY - A_DAY)),
        (TODAY, TODAY, (TODAY, TODAY)),
        (TODAY - 400 * A_DAY, TODAY, (TODAY - 400 * A_DAY, TODAY)),
        (None, TODAY - 390 * A_DAY, (TODAY - 400 * A_DAY, TODAY - 390 * A_DAY)),
        (None, TODAY - 400 * A_DAY, (TODAY - 400 * A_DAY, TODAY - 400 * A_DAY)),
        (None, TODAY + A_DAY, (TODAY - 30 * A_DAY, TODAY)),
        (TODAY, date.max, (TODAY, TODAY)),
    ],
)
def test_range_is_a_month_up_to_today_unless_said_otherwise(
    since: date | None, until: date | None, judged: tuple[date, date]
) -> None:
    assert resolve_range(since, until, TODAY) == judged


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        (TODAY, TODAY - A_DAY, "query.from"),
        (TODAY + A_DAY, None, "query.from"),
        (TODAY - 401 * A_DAY, TODAY, "query.from"),
        (TODAY + A_DAY, TODAY + A_DAY, "query.from"),
        (date.max, date.max, "query.from"),
        (date.min, None, "query.from"),
        (None, date.min, "query.to"),
        (None, date(1, 1, 10), "query.to"),
        (date.min, TODAY - 401 * A_DAY, "query.from"),
    ],
)
def test_impossible_range_is_refused_by_name(since: date | None, until: date | None, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        resolve_range(since, until, TODAY)

    assert refused.value.details == [{"field": field, "message": str(refused.value.details[0]["message"])}]  # type: ignore[index]
