"""Mails: their kinds, and the states of a mail's record."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.journal.occurrences import SYSTEM, Occurrence, OccurrenceType, Party, PartyKind, derived_id

_PART_OF_A_LINK = re.compile("([.:/@\u3002\uff0e\uff61])")
"""What makes readers of mail see a link: the full stops of UTS 46 among them."""
_WORD_JOINER = "\u2060"


class MailKind(StrEnum):
    """Kinds of mails, each with its own template. The value is the stored name."""

    CREATE_ACCOUNT = "create-account"
    ACCOUNT_EXISTS = "account-exists"
    WELCOME_MESSAGE = "welcome-message"
    FINGERPRINT_VERIFY = "fingerprint-verify"
    FORGOT_PASSWORD_VERIFY = "forgot-password-verify"  # noqa: S105 - a kind of mail
    USERNAME_CHANGE_VERIFY = "username-change-verify"
    EMAIL_CHANGE_VERIFY = "email-change-verify"
    NEW_EMAIL_CHANGE_VERIFY = "new-email-change-verify"
    EMAIL_CHANGED = "email-changed"
    ADDRESS_TAKEN = "address-taken"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - a kind of mail
    DEVICE_CHANGED = "device-changed"
    WALLET_CHANGED = "wallet-changed"
    TWO_FACTOR_CHANGED = "two-factor-changed"
    API_KEY_CHANGED = "api-key-changed"
    API_KEY_REMINDER = "api-key-reminder"
    SIGN_IN_WARNING = "sign-in-warning"
    SESSION_REUSE_WARNING = "session-reuse-warning"
    ACCOUNT_DEACTIVATED = "account-deactivated"
    ACCOUNT_DELETION_REMINDER = "account-deletion-reminder"
    ACCOUNT_DELETED = "account-deleted"
    JOURNAL_CHECKPOINT = "journal-checkpoint"
    JOURNAL_BROKEN = "journal-broken"


UNAUTHENTICATED_KINDS = frozenset(
    {
        MailKind.CREATE_ACCOUNT,
        MailKind.ACCOUNT_EXISTS,
        MailKind.FINGERPRINT_VERIFY,
        MailKind.FORGOT_PASSWORD_VERIFY,
        MailKind.NEW_EMAIL_CHANGE_VERIFY,
    }
)
"""Mails that can be triggered without authentication, so that their number per recipient must be limited."""


class MailState(StrEnum):
    """States of a mail's record: RENDERED, SENDING, then one of the final states."""

    RENDERED = "rendered"
    SENDING = "sending"
    ACCEPTED = "accepted"
    BOUNCED = "bounced"
    FAILED = "failed"
    SUPPRESSED = "suppressed"

    @property
    def is_final(self) -> bool:
        """Whether the mail is never sent again in this state."""
        return self in (MailState.ACCEPTED, MailState.BOUNCED, MailState.FAILED, MailState.SUPPRESSED)


@dataclass(frozen=True)
class NewMail:
    """A mail as its record begins. `key` names it; `recipient_hash`: the keyed hash of the address."""

    key: str
    kind: MailKind
    message_id: str
    recipient_hash: str
    created_at: datetime


_ENDS = {
    MailState.ACCEPTED: OccurrenceType.MAIL_SENT,
    MailState.BOUNCED: OccurrenceType.MAIL_FAILED,
    MailState.FAILED: OccurrenceType.MAIL_FAILED,
    MailState.SUPPRESSED: OccurrenceType.MAIL_SUPPRESSED,
}


def mail_ended(key: str, kind: str, state: MailState, at: datetime) -> Occurrence:
    """Return the occurrence of a mail's final state, one a mail. It has no address: the key names the mail's record."""
    mail = Party(PartyKind.MAIL, key)
    return Occurrence(
        derived_id(OccurrenceType.MAIL_SENT, key), _ENDS[state], at, SYSTEM, mail, {"kind": kind, "state": state}
    )


def unlinked(text: str) -> str:
    """Return a text of unknown origin so that no mail program makes a link of it: an invisible word joiner stands on
    both sides of each character that belongs to a link.
    """
    return _PART_OF_A_LINK.sub(rf"{_WORD_JOINER}\1{_WORD_JOINER}", text)
