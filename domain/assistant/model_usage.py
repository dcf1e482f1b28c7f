"""What models were asked and what it cost: one record for each call of a model, also for one that failed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.assistant.conversation import MAX_BYTES_PER_TOKEN, MIN_BYTES_PER_TOKEN, Prompt
from domain.assistant.language_models import ModelFacts
from domain.assistant.turn_ends import RoundEnd
from domain.assistant.turns import Usage
from domain.errors import InvalidInput
from domain.moments import midnight

USAGE_TTL_DAYS = 400
DEFAULT_PERIOD = timedelta(days=30)
LONGEST_PERIOD = timedelta(days=92)


@dataclass(frozen=True)
class ModelCall:
    """A call of a model. `writer`: which try at the turn it was. `ending`: None while it is under way, and for good if
    its worker died. Times are in milliseconds.
    """

    user_id: str
    turn_id: str
    attempt: int
    round: int
    writer: int
    model: str
    began_at: datetime
    usage: Usage
    cost_micro: int | None
    ending: RoundEnd | None = None
    first_text_ms: int | None = None
    total_ms: int | None = None


@dataclass(frozen=True)
class DayUsage:
    """What one model was asked on one day (UTC). `cost_micro`: in millionths of the currency of its prices; None
    without a price.
    """

    day: date
    model: str
    turns: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cost_micro: int | None


@dataclass(frozen=True)
class UsagePeriod:
    """Whole days, both included."""

    first: date
    last: date

    @property
    def begins_at(self) -> datetime:
        """The first moment of it."""
        return midnight(self.first)

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""
        return midnight(self.last + timedelta(days=1))


def resolve_period(first: date | None, last: date | None, today: date) -> UsagePeriod:
    """Return the days that are asked for; by default the 30 days up to today. A later `last` is today.

    Raises InvalidInput for a period that is no period, or too long.
    """
    last = min(last or today, today)
    if last < today - timedelta(days=USAGE_TTL_DAYS):
        raise _invalid("to", "so old a day is not kept any more")
    first = first or last - DEFAULT_PERIOD
    if first > last:
        raise _invalid("from", "this is after the day in `to`")
    if last - first > LONGEST_PERIOD:
        raise _invalid("from", f"this is more than {LONGEST_PERIOD.days} days before the day in `to`")
    return UsagePeriod(first, last)


def _invalid(name: str, message: str) -> InvalidInput:
    return InvalidInput(details=[{"field": f"query.{name}", "message": message}])


def seconds_left_today(now: datetime) -> int:
    """Return the seconds until the next day in UTC, rounded up."""
    return int((midnight(now.date() + timedelta(days=1)) - now).total_seconds()) + 1


def estimate(prompt: Prompt, said: str, bytes_per_token: float) -> Usage:
    """Return what a call has cost that its model has not counted."""
    return Usage(round(prompt.size / bytes_per_token), round(len(said.encode()) / bytes_per_token), is_estimated=True)


def is_believable(usage: Usage, model: ModelFacts) -> bool:
    """Whether a model can have read and said so much. One that lies must not use up the budget of a person."""
    return (
        usage.cached_tokens <= usage.prompt_tokens <= model.context_tokens
        and usage.completion_tokens <= model.context_tokens
    )


def bytes_per_token(prompt: Prompt, usage: Usage) -> float | None:
    """Return how many bytes a token of this prompt had, within reason; None where nothing was counted."""
    if usage.is_estimated or usage.prompt_tokens == 0:
        return None
    return min(max(prompt.size / usage.prompt_tokens, MIN_BYTES_PER_TOKEN), MAX_BYTES_PER_TOKEN)
