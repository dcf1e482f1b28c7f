from datetime import UTC, datetime, timedelta

import pytest

from domain.operations.graph_reconcile import NAMED_AT_MOST, AccountVersion, Drift, Suspect, Tally, judge_drift

NOW = datetime(2026, 1, 2, tzinfo=UTC)
THIRD = AccountVersion(3)
FOURTH = AccountVersion(4)
JUST_CHANGED = AccountVersion(4, owed_since=NOW - timedelta(seconds=59))
LONG_OWED = AccountVersion(4, owed_since=NOW - timedelta(seconds=61))
NO_VERSION = -1


@pytest.mark.parametrize(
    ("suspect", "drift"),
    [
        pytest.param(Suspect(THIRD, 3, THIRD), None, id="the same"),
        pytest.param(Suspect(THIRD, None, THIRD), Drift.MISSING, id="no node"),
        pytest.param(Suspect(FOURTH, 3, FOURTH), Drift.STALE, id="older node"),
        pytest.param(Suspect(FOURTH, NO_VERSION, FOURTH), Drift.STALE, id="node that was never filled in"),
        pytest.param(Suspect(THIRD, 4, THIRD), Drift.STALE, id="node ahead of its account"),
        pytest.param(Suspect(None, 3, None), Drift.EXTRA, id="no account"),
        pytest.param(Suspect(THIRD, 3, None), Drift.EXTRA, id="account gone, node left"),
        pytest.param(Suspect(THIRD, None, None), None, id="erased meanwhile"),
        pytest.param(Suspect(None, None, THIRD), None, id="registered meanwhile"),
        pytest.param(Suspect(None, NO_VERSION, THIRD), None, id="registered and followed meanwhile"),
        pytest.param(Suspect(THIRD, 3, FOURTH), None, id="changed meanwhile"),
        pytest.param(Suspect(THIRD, 4, FOURTH), None, id="changed and synced meanwhile"),
        pytest.param(Suspect(JUST_CHANGED, 3, JUST_CHANGED), None, id="sync under way"),
        pytest.param(Suspect(JUST_CHANGED, None, JUST_CHANGED), None, id="first sync under way"),
        pytest.param(Suspect(LONG_OWED, 3, LONG_OWED), Drift.STALE, id="sync that does not come"),
    ],
)
def test_drift_is_what_no_change_under_way_explains(suspect: Suspect, drift: Drift | None) -> None:
    assert judge_drift(suspect, NOW) is drift


def test_pages_add_up() -> None:
    page = Tally(users_mongo=2, users_graph=3, missing=1, extra=2, stale=1, repaired=3, unreadable=("aa",))

    assert page + page == Tally(4, 6, 2, 4, 2, 6, ("aa", "aa"))


def test_so_many_are_named_and_no_more() -> None:
    page = Tally(unreadable=("aa",) * NAMED_AT_MOST)

    assert page + page == page
