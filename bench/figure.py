"""A measured row of docs/bench.md: the value, what is wanted of it, its limit, its split by process, what limits it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

Split = Mapping[str, float]
"""CPU time by process of the stack, in milliseconds."""


@dataclass(frozen=True)
class Limit:
    """The best possible value, measured in the same run: `what` did it, in the figure's unit."""

    what: str
    value: float


@dataclass(frozen=True)
class Want:
    """A bound of the value: `number` in the figure's unit, or as a multiple of the limit where `is_relative`."""

    number: float
    is_at_most: bool
    is_relative: bool

    def __str__(self) -> str:
        return f"{'≤' if self.is_at_most else '≥'} {self.number:g}{' times the limit' if self.is_relative else ''}"


def grouped(number: int) -> str:
    """Return a whole number with a space after each thousand, for the names of rows."""
    return f"{number:,}".replace(",", " ")


def at_most(number: float) -> Want:
    return Want(number, is_at_most=True, is_relative=False)


def at_least(number: float) -> Want:
    return Want(number, is_at_most=False, is_relative=False)


def at_most_times(number: float) -> Want:
    return Want(number, is_at_most=True, is_relative=True)


def at_least_times(number: float) -> Want:
    return Want(number, is_at_most=False, is_relative=True)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One row. `because` is the sentence that says what limits it, known from the split or a profile."""

    what: str
    ours: float
    unit: str
    want: Want
    because: str
    limit: Limit | None = None
    split: Split = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.want.is_relative and self.limit is None:
            raise ValueError(f"{self.what}: a want relative to a limit needs the limit")

    @property
    def ratio(self) -> float | None:
        """The value as a multiple of its limit."""
        return self.ours / self.limit.value if self.limit else None

    @property
    def wanted(self) -> float:
        """The bound in the figure's unit."""
        return self.want.number * (self.limit.value if self.want.is_relative and self.limit else 1.0)

    @property
    def is_met(self) -> bool:
        return self.ours <= self.wanted if self.want.is_at_most else self.ours >= self.wanted

    @property
    def share(self) -> float:
        """How much of what is wanted is used up: at most 1 where it is met, whichever way the want points."""
        if self.want.is_at_most:
            return self.ours / self.wanted
        return self.wanted / self.ours if self.ours else math.inf
