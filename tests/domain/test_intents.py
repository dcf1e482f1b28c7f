"""Shards: each user belongs to exactly one of each kind."""

import pytest

from domain import intents
from domain.intents import IntentKind, Shard, shard_of

KIND = IntentKind.GRAPH_SYNC
USER_IDS = [f"5f{'0' * 20}{last:02x}" for last in range(256)]


@pytest.mark.parametrize("count", [1, 2, 3, 256])
def test_user_is_in_one_shard_and_in_no_other(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(intents, "SHARD_COUNTS", {KIND: count})
    shards = [Shard(KIND, number) for number in range(count)]

    holders = [[shard for shard in shards if user_id[-2:] in shard.suffixes] for user_id in USER_IDS]

    assert holders == [[shard_of(KIND, user_id)] for user_id in USER_IDS]


def test_id_of_an_entity_names_its_kind_and_number() -> None:
    assert Shard(KIND, 0).workflow_id == "graph-sync/0"
