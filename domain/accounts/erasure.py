"""What remains of an erased account, and for how long."""

from dataclasses import dataclass
from datetime import datetime

from domain.journal.occurrences import Occurrence, OccurrenceType, derived_id, user_party


@dataclass(frozen=True)
class LastContact:
    """Recipient of the last mail. Encrypted on the tombstone until that mail is sent, then deleted."""

    username: str
    email_address: str


@dataclass(frozen=True)
class Tombstone:
    """Input of a tombstone, written at `at`. The username is reserved under `hold_key` until `hold_until`; the e-mail
    address is free at once.
    """

    user_id: str
    deletion_key: str
    hold_key: str
    hold_until: datetime
    last_contact: LastContact
    at: datetime


def account_deleted(user_id: str, at: datetime) -> Occurrence:
    """Return the occurrence of the end of an erasure. Nothing is left of the user but the id."""
    kind, user = OccurrenceType.USER_DELETED, user_party(user_id)
    return Occurrence(derived_id(kind, user_id), kind, at, user, user)
