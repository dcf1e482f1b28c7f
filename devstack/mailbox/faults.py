"""Faults that the mailbox injects on request, for all or some recipients."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from random import SystemRandom

CHANCE = SystemRandom()


class Mode(StrEnum):
    NONE = "none"
    # Refuses the recipient: for now, or for good.
    REJECT_4XX = "reject_4xx"
    REJECT_5XX = "reject_5xx"
    # Receives the letter, stores nothing and never answers.
    HANG = "hang"
    # Stores the letter and drops the connection before the reply, so that the sender cannot know.
    CLOSE_AFTER_DATA = "close_after_data"


@dataclass(frozen=True, slots=True)
class Faults:
    """`rate`: the share of letters affected, 0 to 1. `to`: only recipients that match this fnmatch pattern."""

    mode: Mode = Mode.NONE
    rate: float = 1.0
    to: str | None = None

    def strikes(self, recipients: Sequence[str]) -> Mode:
        """Return the fault for a letter to these recipients; NONE if it is not affected."""
        if self.mode is Mode.NONE or not any(map(self._matches, recipients)):
            return Mode.NONE
        return self.mode if CHANCE.random() < self.rate else Mode.NONE

    def as_dict(self) -> dict[str, object]:
        return asdict(self)

    def _matches(self, recipient: str) -> bool:
        return self.to is None or fnmatchcase(recipient.casefold(), self.to.casefold())


def parse_faults(body: object) -> Faults:
    """Return the faults of a request body. Raises ValueError with a message for the client."""
    if not isinstance(body, Mapping) or not body.keys() <= {"mode", "rate", "to"}:
        raise ValueError("send an object with mode and, if you like, rate and to")
    mode, rate, to = body.get("mode"), body.get("rate", 1.0), body.get("to")
    if mode not in {known.value for known in Mode}:
        raise ValueError(f"mode must be one of {', '.join(Mode)}")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
        raise ValueError("rate must be a number from 0 to 1")
    if to is not None and not isinstance(to, str):
        raise ValueError("to must be a pattern such as *@slow.example")
    return Faults(Mode(mode), float(rate), to)
