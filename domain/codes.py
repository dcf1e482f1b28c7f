"""One-time codes: their alphabet, lifetime, and limits of attempts and resends.

The code itself is derived with a key when needed (adapters/crypto/one_time_codes.py); this file holds the rules.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import AttemptsExhausted, DecodeError, FlowExpired, ResendTooSoon
from domain.typed_text import join_code

CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""31 symbols, without 0 O 1 I L, which are easily confused."""
CODE_LENGTH = 6
MAX_ATTEMPTS = 5
MAX_RESENDS = 5
RESEND_INTERVAL = timedelta(seconds=60)
MAX_FLOW_DURATION = timedelta(minutes=60)


class CodePurpose(StrEnum):
    """What a code is for: it is valid for no other purpose."""

    CREATE_ACCOUNT = "create-account"
    FINGERPRINT_VERIFY = "fingerprint-verify"
    FORGOT_PASSWORD_VERIFY = "forgot-password-verify"  # noqa: S105 - a purpose
    USERNAME_CHANGE_VERIFY = "username-change-verify"
    EMAIL_CHANGE_VERIFY = "email-change-verify"
    NEW_EMAIL_CHANGE_VERIFY = "new-email-change-verify"
    EMAIL_REVERT = "email-revert"


def code_from_number(number: int) -> str:
    """Return `number` mod 31^6 as six symbols in base 31, most significant first."""
    symbols = []
    for _ in range(CODE_LENGTH):
        number, digit = divmod(number, len(CODE_ALPHABET))
        symbols.append(CODE_ALPHABET[digit])
    return "".join(reversed(symbols))


def normalize_code(typed_code: str) -> str:
    """Return the code in upper case, without dashes and whitespace. Other symbols are kept: such a code is wrong."""
    return join_code(typed_code).upper()


@dataclass
class CodeChallenge:
    """The part of a flow in which one code is verified: counts attempts and resends and has a deadline.

    Times come from the steps themselves (`asked_at`, the API's clock), so that a replay after a reset decides as the
    first run did. A resend does not reset the attempts; each issue starts a new `ttl`. No issue is valid after
    `ends_at`, by default MAX_FLOW_DURATION after the start. `issue_no` counts issues from 1.
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
        """When the newest issue expires."""
        newest = (self.issued_at or self.started_at) + self.ttl
        return min(newest, self.ends_at or self.started_at + MAX_FLOW_DURATION)

    @property
    def attempts_left(self) -> int:
        """Remaining attempts, from MAX_ATTEMPTS down to 0."""
        return max(0, MAX_ATTEMPTS - self.attempts)

    @property
    def resend_available_at(self) -> datetime | None:
        """When a new code may be sent; None when no resend is left or the code expires first."""
        at = (self.issued_at or self.started_at) + RESEND_INTERVAL
        return at if self.issue_no <= MAX_RESENDS and at < self.expires_at else None

    def count_attempt(self, asked_at: datetime) -> type[DecodeError] | None:
        """Count one attempt, before the code is checked, so that parallel guesses are all counted.

        Returns FlowExpired or AttemptsExhausted when the attempt is not allowed; it is not counted then.
        """
        if asked_at > self.expires_at:
            return FlowExpired
        if self.attempts >= MAX_ATTEMPTS:
            return AttemptsExhausted
        self.attempts += 1
        return None

    def refund_attempt(self) -> None:
        """Take back one counted attempt: the code was right but was not consumed."""
        self.attempts -= 1

    def count_resend(self, asked_at: datetime) -> type[DecodeError] | None:
        """Start the next issue, which is then the only valid one. Returns FlowExpired or ResendTooSoon if refused."""
        if asked_at > self.expires_at:
            return FlowExpired
        if self.resend_available_at is None or asked_at < self.resend_available_at:
            return ResendTooSoon
        self.issue_no += 1
        self.issued_at = asked_at
        return None
