"""Outcomes of a registration after its code was verified."""

from enum import StrEnum


class AccountCreationOutcome(StrEnum):
    """Result of creating the account; the unique indexes decide."""

    CREATED = "created"
    USERNAME_TAKEN = "username_taken"
    EMAIL_TAKEN = "email_taken"
