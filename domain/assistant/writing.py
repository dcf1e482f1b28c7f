"""How an answer is written down while it is being said: at which place, by which writer."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum

from domain.assistant.turns import Turn

MERGED_PIECES = 5
MERGE_SECONDS = 0.05
"""So many pieces, or those that come in this time, are announced as one."""
STOP_CHECK_SECONDS = 0.2
"""How often who speaks looks whether to stop while the model is silent."""
SAVE_INTERVAL = timedelta(seconds=2)
SAVE_INTERVAL_ALONE = timedelta(seconds=1)
"""While Redis is away: gateways then read what is saved."""


class NewerWriter(Exception):
    """Another try at this round has begun, or the turn is no longer being answered: nothing was written."""


class Appended(IntEnum):
    """What came of appending. STOPPED: the text is there, and the user asked to stop. REFUSED: a newer writer has
    begun. LOST: another text is there, so the whole must be written. AWAY: Redis does not answer.
    """

    DONE = 0
    STOPPED = 1
    REFUSED = 2
    LOST = 3
    AWAY = 4


@dataclass(frozen=True)
class TextPlace:
    """A part of an attempt at a turn."""

    chat_id: str
    turn_id: str
    attempt: int
    part: int


@dataclass(frozen=True)
class TextAppend:
    """Text for the end of a part. `offset`: the length in bytes before it. `is_whole`: it replaces what there is."""

    place: TextPlace
    writer: int
    offset: int
    text: str = field(repr=False)
    is_whole: bool = False


@dataclass(frozen=True)
class Draft:
    """A part of a turn's answer as its writer has it. `number`: the part's."""

    turn: Turn
    writer: int
    number: int
    text: str = field(repr=False)

    @property
    def place(self) -> TextPlace:
        """Where the part is."""
        return TextPlace(self.turn.chat_id, self.turn.turn_id, self.turn.attempt, self.number)
