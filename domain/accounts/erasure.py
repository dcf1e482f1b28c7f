"""What remains of an erased account, and for how long."""

from dataclasses import dataclass
from datetime import datetime


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
