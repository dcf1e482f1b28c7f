"""What a call of a model has cost, and which days are meant."""

from datetime import UTC, date, datetime

import pytest

from domain.assistant.conversation import Message, Prompt
from domain.assistant.history import MessageRole
from domain.assistant.language_models import ModelFacts
from domain.assistant.model_usage import (
    UsagePeriod,
    bytes_per_token,
    estimate,
    is_believable,
    resolve_period,
    seconds_left_today,
)
from domain.assistant.turns import Usage
from domain.errors import InvalidInput

SMALL = ModelFacts("small", context_tokens=1_000, max_output=100)
PROMPT = Prompt([Message(MessageRole.USER, "twelve bytes")])
TODAY = date(2026, 3, 1)


def test_call_that_was_not_counted_is_estimated_by_its_bytes() -> None:
    assert estimate(PROMPT, "nine byte", 3.0) == Usage(4, 3, is_estimated=True)


def test_model_cannot_have_read_more_than_it_has_room_for() -> None:
    counted = [Usage(1_000, 1_000), Usage(1_001, 0), Usage(0, 1_001), Usage(9, 0, cached_tokens=10)]

    assert [is_believable(usage, SMALL) for usage in counted] == [True, False, False, False]


@pytest.mark.parametrize(("tokens", "ratio"), [(6, 2.0), (1, 8.0), (60, 1.0)], ids=["counted", "too few", "too many"])
def test_bytes_of_a_token_are_those_of_the_last_prompt_within_reason(tokens: int, ratio: float) -> None:
    assert bytes_per_token(PROMPT, Usage(tokens)) == ratio


def test_estimate_tells_nothing_of_the_bytes_of_a_token() -> None:
    assert [bytes_per_token(PROMPT, usage) for usage in (Usage(6, is_estimated=True), Usage())] == [None, None]


def test_period_is_the_last_month_unless_said_otherwise() -> None:
    assert resolve_period(None, None, TODAY) == UsagePeriod(date(2026, 1, 30), TODAY)
    assert resolve_period(TODAY, TODAY, TODAY).begins_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert resolve_period(TODAY, TODAY, TODAY).ends_at == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2026, 3, 2), TODAY), (date(2025, 11, 28), TODAY), (None, date(1, 1, 1)), (date.max, date.max)],
    ids=["backwards", "too long", "too old", "to come"],
)
def test_period_that_is_none_is_refused(first: date | None, last: date) -> None:
    with pytest.raises(InvalidInput):
        resolve_period(first, last, TODAY)


def test_period_ends_today_at_the_latest() -> None:
    assert resolve_period(TODAY, date.max, TODAY) == UsagePeriod(TODAY, TODAY)


def test_budget_is_full_again_at_midnight() -> None:
    assert seconds_left_today(datetime(2026, 3, 1, 23, 59, 50, tzinfo=UTC)) == 11
