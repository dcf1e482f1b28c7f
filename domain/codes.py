"""One-time codes: what they look like, how long they live, how often they may be tried and sent again.

The code itself is derived with a key when it is needed (adapters/crypto/codes.py); this file only judges.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import AttemptsExhausted, DecodeError, FlowExpired, ResendTooSoon

CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""31 symbols without 0 O 1 I L, which people mix up."""
CODE_LENGTH = 6
MAX_ATTEMPTS = 5
MAX_RESENDS = 5
RESEND_INTERVAL = timedelta(seconds=60)
MAX_FLOW_DURATION = timedelta(minutes=60)


class CodePurpose(StrEnum):
    CREATE_ACCOUNT = "create-account"
    FINGERPRINT_VERIFY = "fingerprint-verify"
    FORGOT_PASSWORD_VERIFY = "forgot-password-verify"  # noqa: S105 - a purpose
    USERNAME_CHANGE_VERIFY = "username-change-verify"
    EMAIL_CHANGE_VERIFY = "email-change-verify"
    NEW_EMAIL_CHANGE_VERIFY = "new-email-change-verify"
    EMAIL_REVERT = "email-revert"


def code_from_number(number: int) -> str:
    """The six symbols that write `number` mod 31^6 in base 31, most significant first."""
    symbols = []
    for _ in range(CODE_LENGTH):
        number, digit = divmod(number, len(CODE_ALPHABET))
        symbols.append(CODE_ALPHABET[digit])
    return "".join(reversed(symbols))


def normalize_code(typed_code: str) -> str:
    """Letter case does not count. Symbols outside the alphabet stay: such a code is simply wrong."""
    return typed_code.upper()


@dataclass
class CodeChallenge:
    """The part of a flow in which one code is proved: counts tries and resends, knows its deadline.

    Times come from the steps themselves (`asked_at`, the API's clock), so that a replay after a reset
    judges as the first run did. Attempts outlive a resend; the life starts anew with each issue. Nothing
    outlives `ends_at`: without one, an hour from the start.
    """

    started_at: datetime
    ttl: timedelta
    issue_no: int = 1
    issued_at: datetime | None = None
    attempts: int = 0
    is_proved: bool = False
    ends_at: datetime | None = None

    @property
    def expires_at(self) -> datetime:
        newest = (self.issued_at or self.started_at) + self.ttl
        return min(newest, self.ends_at or self.started_at + MAX_FLOW_DURATION)

    @property
    def attempts_left(self) -> int:
        return max(0, MAX_ATTEMPTS - self.attempts)

    @property
    def resend_available_at(self) -> datetime | None:
        """None when no code will be sent any more."""
        at = (self.issued_at or self.started_at) + RESEND_INTERVAL
        return at if self.issue_no <= MAX_RESENDS and at < self.expires_at else None

    def count_attempt(self, asked_at: datetime) -> type[DecodeError] | None:
        """Count one try, before it is checked, so that parallel guesses cannot slip through."""
        if asked_at > self.expires_at:
            return FlowExpired
        if self.attempts >= MAX_ATTEMPTS:
            return AttemptsExhausted
        self.attempts += 1
        return None

    def refund_attempt(self) -> None:
        """A right try that used nothing up is no guess."""
        self.attempts -= 1

    def count_resend(self, asked_at: datetime) -> type[DecodeError] | None:
        """Move on to the next issue, which is then the only valid one."""
        if asked_at > self.expires_at:
            return FlowExpired
        if self.resend_available_at is None or asked_at < self.resend_available_at:
            return ResendTooSoon
        self.issue_no += 1
        self.issued_at = asked_at
        return None
