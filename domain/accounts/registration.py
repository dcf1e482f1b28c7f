"""Registration: how long a name is held for it, who has its address already, and its outcomes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

START_HOLD = timedelta(seconds=30)
"""How long a name is held for a registration that has no flow yet: the password is hashed, then the flow started. If
the process dies in between, the name is free again that soon.
"""


@dataclass(frozen=True)
class AddressHolder:
    """Who has an address. `email_address`: where they are told, in the spelling that they chose; never as a stranger
    typed it, and empty if unknown. `is_active`: False for a deactivated account, which is erased at `deletion_at`.
    """

    email_address: str
    is_active: bool = True
    deletion_at: datetime | None = None


class RegistrationStart(StrEnum):
    """Result of the begin of a registration."""

    BEGUN = "begun"
    USERNAME_TAKEN = "username_taken"
    NETWORK_FULL = "network_full"


class AccountCreationOutcome(StrEnum):
    """Result of creating the account; the unique indexes decide."""

    CREATED = "created"
    USERNAME_TAKEN = "username_taken"
    EMAIL_TAKEN = "email_taken"
