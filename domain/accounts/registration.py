"""What can become of a registration once its code was proved."""

from enum import StrEnum


class AccountCreationOutcome(StrEnum):
    """How the attempt to make the account ended: the unique indexes decide."""

    CREATED = "created"
    USERNAME_TAKEN = "username_taken"
    EMAIL_TAKEN = "email_taken"
