"""What models were asked, and what it cost."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import Field

from api.schemas.envelope import View
from api.schemas.fields import Day
from domain.assistant.model_usage import DayUsage, UsagePeriod

First = Annotated[Day, Query(alias="from", description="A month before `to`, unless said otherwise.")]
Last = Annotated[Day, Query(alias="to", description="Today (UTC), unless said otherwise.")]


class DayUsageView(View):
    """What one model was asked on one day (UTC). `cost`: in the currency of the model's prices, null without a price.
    `cached_tokens`: those of the prompts that the model had read before.
    """

    day: date
    model: str
    turns: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cost: float | None

    @classmethod
    def of(cls, usage: DayUsage) -> "DayUsageView":
        return cls(
            day=usage.day,
            model=usage.model,
            turns=usage.turns,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            cached_tokens=usage.cached_tokens,
            cost=None if usage.cost_micro is None else usage.cost_micro / 1_000_000,
        )


class UsageReport(View):
    """The newest day first."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    days: list[DayUsageView]

    @classmethod
    def of(cls, period: UsagePeriod, days: Sequence[DayUsage]) -> "UsageReport":
        return cls(first=period.first, last=period.last, days=[DayUsageView.of(day) for day in days])
