from datetime import UTC, datetime, timedelta

import pytest

from domain.operations.graph_reconcile import (
    MAX_LISTED,
    AccountVersion,
    Drift,
    DriftCandidate,
    ReconcileCounts,
    classify_drift,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
THIRD = AccountVersion(3)
FOURTH = AccountVersion(4)
JUST_CHANGED = AccountVersion(4, pending_since=NOW - timedelta(seconds=59))
LONG_OWED = AccountVersion(4, pending_since=NOW - timedelta(seconds=61))
NO_VERSION = -1


@pytest.mark.parametrize(
    ("suspect", "drift"),
    [
        pytest.param(DriftCandidate(THIRD, 3, THIRD), None, id="the same"),
        pytest.param(DriftCandidate(THIRD, None, THIRD), Drift.MISSING, id="no node"),
        pytest.param(DriftCandidate(FOURTH, 3, FOURTH), Drift.STALE, id="older node"),
        pytest.param(DriftCandidate(FOURTH, NO_VERSION, FOURTH), Drift.STALE, id="node that was never filled in"),
        pytest.param(DriftCandidate(THIRD, 4, THIRD), Drift.STALE, id="node ahead of its account"),
        pytest.param(DriftCandidate(None, 3, None), Drift.EXTRA, id="no account"),
        pytest.param(DriftCandidate(THIRD, 3, None), Drift.EXTRA, id="account gone, node left"),
        pytest.param(DriftCandidate(THIRD, None, None), None, id="erased meanwhile"),
        pytest.param(DriftCandidate(None, None, THIRD), None, id="registered meanwhile"),
        pytest.param(DriftCandidate(None, NO_VERSION, THIRD), None, id="registered and followed meanwhile"),
        pytest.param(DriftCandidate(THIRD, 3, FOURTH), None, id="changed meanwhile"),
        pytest.param(DriftCandidate(THIRD, 4, FOURTH), None, id="changed and synced meanwhile"),
        pytest.param(DriftCandidate(JUST_CHANGED, 3, JUST_CHANGED), None, id="sync under way"),
        pytest.param(DriftCandidate(JUST_CHANGED, None, JUST_CHANGED), None, id="first sync under way"),
        pytest.param(DriftCandidate(LONG_OWED, 3, LONG_OWED), Drift.STALE, id="sync that does not come"),
    ],
)
def test_drift_is_what_no_change_under_way_explains(suspect: DriftCandidate, drift: Drift | None) -> None:
    assert classify_drift(suspect, NOW) is drift


def test_pages_add_up() -> None:
    page = ReconcileCounts(users_mongo=2, users_graph=3, missing=1, extra=2, stale=1, repaired=3, unreadable=("aa",))

    assert page + page == ReconcileCounts(4, 6, 2, 4, 2, 6, ("aa", "aa"))


def test_so_many_are_named_and_no_more() -> None:
    page = ReconcileCounts(unreadable=("aa",) * MAX_LISTED)

    assert page + page == page
