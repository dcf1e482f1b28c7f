"""Mails: their kinds and the states of the record that each one has."""

from enum import StrEnum


class MailKind(StrEnum):
    CREATE_ACCOUNT = "create-account"
    ACCOUNT_EXISTS = "account-exists"
    WELCOME_MESSAGE = "welcome-message"


class MailState(StrEnum):
    RENDERED = "rendered"
    SENDING = "sending"
    ACCEPTED = "accepted"
    BOUNCED = "bounced"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self in (MailState.ACCEPTED, MailState.BOUNCED, MailState.FAILED)
