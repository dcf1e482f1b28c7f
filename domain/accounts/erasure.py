"""What is left of an account that was erased, and for how long."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class LastContact:
    """What the last mail needs. Sealed on the tombstone until that is sent, then forgotten."""

    username: str
    email_address: str


@dataclass(frozen=True)
class Tombstone:
    """What a tombstone is made of. The name is held under `hold_key`; the address is free at once."""

    user_id: str
    deletion_key: str
    hold_key: str
    hold_until: datetime
    last_contact: LastContact
    at: datetime
