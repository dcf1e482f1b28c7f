from datetime import UTC, date, datetime, timedelta

import pytest

from domain.social import follower_snapshots as rules
from domain.social.follower_snapshots import (
    FULL_SNAPSHOT_INTERVAL,
    MAX_CHANGES_SINCE_FULL,
    MAX_IDS_PER_SLICE,
    Fingerprint,
    FollowerCounts,
    FollowerDiff,
    PreviousSnapshot,
    SnapshotRun,
    UnreadableSnapshot,
    build_follower_list,
    diff_followers,
    group_by_size,
    is_id,
)

TODAY = date(2026, 3, 31)
AT = datetime(2026, 3, 31, 2, tzinfo=UTC)
ANN, BOB, EVE = "aa" * 12, "bb" * 12, "ee" * 12


def last_day(*, full_ago: timedelta = timedelta(days=1), changes: int = 0, followers: int = 2) -> PreviousSnapshot:
    return PreviousSnapshot(TODAY - timedelta(days=1), TODAY - full_ago, followers, changes, b"")


def occasion(last: PreviousSnapshot | None = None) -> SnapshotRun:
    """Ann's day today."""
    return SnapshotRun(TODAY, AT, {ANN: last} if last else {})


def test_difference_is_the_new_and_the_lost_followers() -> None:
    assert diff_followers({ANN, BOB}, [BOB, EVE]) == FollowerDiff([EVE], [ANN])


@pytest.mark.parametrize(
    ("last", "is_due"),
    [
        pytest.param(None, True, id="first day"),
        pytest.param(last_day(full_ago=FULL_SNAPSHOT_INTERVAL - timedelta(days=1)), False, id="twenty-nine days"),
        pytest.param(last_day(full_ago=FULL_SNAPSHOT_INTERVAL), True, id="thirty days"),
        pytest.param(last_day(changes=MAX_CHANGES_SINCE_FULL), False, id="many changes"),
        pytest.param(last_day(changes=MAX_CHANGES_SINCE_FULL + 1), True, id="too many changes"),
    ],
)
def test_whole_list_is_due_first_then_every_thirty_days(last: PreviousSnapshot | None, is_due: bool) -> None:
    assert occasion(last).is_full_due(ANN) is is_due


def test_day_counts_its_changes_from_the_whole_list_on() -> None:
    day = occasion(last_day(changes=5)).build_snapshot(ANN, FollowerCounts(3, gained=2, lost=1), b"x")

    assert (day.full_day, day.changes) == (TODAY - timedelta(days=1), 8)


def test_day_with_the_whole_list_counts_anew() -> None:
    day = occasion(last_day(full_ago=FULL_SNAPSHOT_INTERVAL, changes=5)).build_snapshot(
        ANN, FollowerCounts(3, gained=2, lost=1), b"x"
    )

    assert (day.full_day, day.changes) == (TODAY, 0)
    assert day.counts == FollowerCounts(3, gained=2, lost=1)


def test_fingerprint_knows_a_list_however_it_is_cut() -> None:
    cut = Fingerprint([ANN])
    cut.add([BOB, EVE])

    assert cut.digest() == build_follower_list([EVE, ANN, BOB]).fingerprint


def test_other_list_has_another_fingerprint() -> None:
    assert build_follower_list([ANN, BOB]).fingerprint != build_follower_list([ANN, EVE]).fingerprint


@pytest.mark.parametrize(
    "ids",
    [[None], [7], ["garbage"], [ANN, None], ["aa", "aa" * 23], ["a" * 23 + " "], [ANN, "g" * 24]],
    ids=["none", "number", "word", "one and none", "lengths that add up", "space", "no hex"],
)
def test_list_with_something_else_in_it_is_unreadable(ids: list[str]) -> None:
    with pytest.raises(UnreadableSnapshot):
        build_follower_list(ids)


@pytest.mark.parametrize(("text", "is_one"), [(ANN, True), ("AA" * 12, False), ("aa", False), ("garbage", False)])
def test_id_is_twenty_four_small_hex_digits(text: str, is_one: bool) -> None:
    assert is_id(text) is is_one


def test_famous_is_whose_list_fills_a_document() -> None:
    assert not occasion(last_day(followers=MAX_IDS_PER_SLICE)).was_large(ANN)
    assert occasion(last_day(followers=MAX_IDS_PER_SLICE + 1)).was_large(ANN)
    assert not occasion().was_large(ANN)


def test_lists_are_held_together_as_far_as_they_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_IDS_PER_SLICE", 5)
    last = {ANN: last_day(followers=6), BOB: last_day(followers=4), EVE: last_day(followers=1)}

    assert [list(group) for group in group_by_size(last)] == [[ANN, BOB], [EVE]]


def test_list_that_is_too_long_for_others_stands_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_IDS_PER_SLICE", 5)
    last = {ANN: last_day(followers=50), BOB: last_day(followers=4)}

    assert [list(group) for group in group_by_size(last)] == [[ANN], [BOB]]


def test_empty_list_is_no_group() -> None:
    assert list(group_by_size({})) == []
