"""Follows the chain from entry to entry, and names the first number that is not as it was written. Standard library
only.
"""

from datetime import datetime, timedelta

from domain.journal.chain import Json, Link, hash_entry
from domain.journal.checkpoints import Checkpoint

RETENTION = timedelta(days=400)
"""How long entries are kept. Older ones are dropped, up to a checkpoint."""


class Broken(Exception):
    """The journal is not as it was written. `seq`: the first number of which that is known."""

    def __init__(self, seq: int, reason: str) -> None:
        super().__init__(f"{seq}: {reason}")
        self.seq = seq
        self.reason = reason


class Missing(Broken):
    """There is no entry of this number, though there are later ones."""

    def __init__(self, seq: int) -> None:
        super().__init__(seq, "it is missing")


class ChainCheck:
    """Verifies entries in the order of their numbers, the first of them right after a place."""

    def __init__(self, after: Link) -> None:
        self._seq, self._hash = after.seq, after.hash

    @property
    def link(self) -> Link:
        """The place of the newest entry that was verified."""
        return Link(self._seq, self._hash)

    def add(self, entry: Json, stored_hash: object) -> int:
        """Verify the next entry, and return its number. Raises Broken.

        `entry` has exactly the fields that its hash covers.
        """
        seq = self._seq + 1
        require_number(entry["seq"], seq)
        require_hash(seq, entry, stored_hash)
        if entry["prev"] != self._hash:
            raise Broken(seq, "it does not follow the entry before it")
        self._seq, self._hash = seq, str(stored_hash)
        return seq

    def meet(self, checkpoint: Checkpoint) -> None:
        """Compare a signed checkpoint with the entry just verified. Raises Broken."""
        require_signed(self.link, checkpoint)


def require_number(found: object, expected: int) -> None:
    """Raise Broken unless the entry found has the expected number, Missing if it has a larger one."""
    if not isinstance(found, int) or isinstance(found, bool):
        raise Broken(expected, "it has no number")
    if found > expected:
        raise Missing(expected)
    if found < expected:
        raise Broken(found, "it is there twice, or out of order")


def require_hash(seq: int, entry: Json, stored_hash: object) -> None:
    """Raise Broken unless the entry has the hash that is stored with it."""
    try:
        is_right = hash_entry(entry) == stored_hash
    except (TypeError, ValueError):
        # A text that has no UTF-8, or a value that has no JSON, was not written by us.
        is_right = False
    if not is_right:
        raise Broken(seq, "it was changed: its hash is another")


def require_signed(link: Link, checkpoint: Checkpoint) -> None:
    """Raise Broken unless the checkpoint signs this place of the chain."""
    if checkpoint.link != link:
        raise Broken(checkpoint.seq, "its hash is not the one that was signed in a checkpoint")


def require_dropped_for_age(seq: int, oldest: int, checkpoint: Checkpoint | None, now: datetime) -> None:
    """Raise Broken unless the entries from `seq` up to the `oldest` that is left may have been dropped for their age.

    `checkpoint`: the first that signs the one before the oldest or a later one: what it signs was dropped, or will be.
    """
    if checkpoint is None or datetime.fromisoformat(checkpoint.at) > now - RETENTION:
        raise Broken(seq, f"entries before {oldest} are missing, and were not old enough")
