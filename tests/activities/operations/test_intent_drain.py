"""A drain rests after several intents, so that the next are one batch, and not after one that came alone."""

import asyncio

import pytest

from activities.operations import intent_drain
from activities.operations.intent_drain import Drained, rest
from domain.intents import IntentKind, Shard

SHARD = Shard(IntentKind.FOLLOW_NOTIFICATIONS, 0)
LIMIT = 500


@pytest.fixture(autouse=True)
def long_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intent_drain, "LINGER_SECONDS", {SHARD.kind: 3_600})


@pytest.mark.parametrize("found", [0, 1, LIMIT])
async def test_no_rest_after_one_alone_and_before_more(found: int) -> None:
    drained = await asyncio.wait_for(rest(SHARD, found, limit=LIMIT), timeout=1)

    assert drained == Drained(is_full=found == LIMIT)


async def test_rest_after_several() -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(rest(SHARD, 2, limit=LIMIT), timeout=0.05)
