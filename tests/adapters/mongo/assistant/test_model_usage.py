"""Calls of models are summed up by day and model, for one user and for all; a call counts once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from adapters.mongo.assistant.model_usage import ModelUsageStore, TokenBudget
from adapters.resources import Resources
from domain.assistant.model_usage import DayUsage, ModelCall, UsagePeriod
from domain.assistant.turn_ends import RoundEnd
from domain.assistant.turns import Usage

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY = UsagePeriod(date(2026, 3, 1), date(2026, 3, 1))

COUNTED = Usage(10, 2, cached_tokens=4)

NewCall = Callable[..., ModelCall]


@pytest.fixture
def store(resources: Resources) -> ModelUsageStore:
    return resources.assistant.model_usage


@pytest.fixture
def new_call(resources: Resources) -> NewCall:
    """Calls of one user, each of a turn of its own."""
    user_id, new_id = resources.hashes.new_object_id(), resources.hashes.new_object_id

    def new(usage: Usage = COUNTED, model: str = "gpt", cost_micro: int | None = 5) -> ModelCall:
        return ModelCall(user_id, new_id(), 1, 0, 1, model, NOON, usage, cost_micro)

    return new


async def test_days_are_summed_by_model(store: ModelUsageStore, new_call: NewCall) -> None:
    calls = [new_call(), new_call(), new_call(model="free", cost_micro=None)]
    yesterday = replace(new_call(), began_at=NOON - timedelta(days=1))
    for call in (*calls, yesterday, replace(calls[0], round=1, writer=2)):
        await store.record(call)

    days = await store.list_days(UsagePeriod(date(2026, 2, 28), TODAY.last), calls[0].user_id)

    assert days == [
        DayUsage(TODAY.last, "free", 1, 10, 2, 4, None),
        DayUsage(TODAY.last, "gpt", 2, 30, 6, 12, 15),
        DayUsage(date(2026, 2, 28), "gpt", 1, 10, 2, 4, 5),
    ]


async def test_end_of_a_call_takes_the_place_of_its_beginning(store: ModelUsageStore, new_call: NewCall) -> None:
    call = new_call(Usage(100, 0, is_estimated=True))
    ended = replace(call, usage=Usage(30, 4), ending=RoundEnd.DONE)
    for each in (call, ended, ended):
        await store.record(each)

    assert await store.count_today(call.user_id, NOON) == 34


async def test_usage_of_all_is_that_of_each(store: ModelUsageStore, new_call: NewCall, resources: Resources) -> None:
    model = resources.hashes.new_object_id()
    other = replace(new_call(model=model), user_id=resources.hashes.new_object_id())
    for call in (new_call(model=model), other):
        await store.record(call)

    days = [day for day in await store.list_days(TODAY) if day.model == model]

    assert days == [DayUsage(TODAY.last, model, 2, 20, 4, 8, 10)]


async def test_budget_is_spent_with_its_last_token_and_full_the_next_day(
    store: ModelUsageStore, new_call: NewCall
) -> None:
    call = new_call(Usage(90, 10))
    await store.record(call)

    spent = [await TokenBudget(store, tokens).is_spent(call.user_id, NOON) for tokens in (101, 100)]

    assert spent == [False, True]
    assert not await TokenBudget(store, 100).is_spent(call.user_id, NOON + timedelta(days=1))
