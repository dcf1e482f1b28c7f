"""The second factor: time-based one-time passwords (RFC 6238) and recovery codes."""

import base64
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.typed_text import join_code

TOTP_STEP_SECONDS = 30
TOTP_DRIFT_STEPS = (0, -1, 1)
"""Accepted clock drift in time steps, the most likely first (RFC 6238 §5.2)."""
SECRET_BYTES = 20
RECOVERY_CODE_COUNT = 10
RECOVERY_CODE_BYTES = 10
"""80 bits of entropy: not guessable, so no slow hash is needed."""
RECOVERY_CODE_LENGTH = 16
"""In base32, without the dashes."""


@dataclass(frozen=True)
class TwoFactor:
    """An account's stored second factor. `secret` is in plain text in memory only.

    `sealed_secret` is the stored ciphertext; comparing it detects that the secret was replaced.
    """

    user_id: str
    is_enabled: bool
    enabled_at: datetime | None
    secret: bytes
    sealed_secret: bytes
    recovery_codes_left: int


class SecondFactorVerdict(StrEnum):
    """Result of checking a second factor, before it is consumed."""

    NOT_NEEDED = "not_needed"
    MISSING = "missing"
    WRONG = "wrong"
    RIGHT = "right"


@dataclass(frozen=True)
class SecondFactorProof:
    """A second factor as the client sends it: one of the two, or neither."""

    otp: str | None = None
    recovery_code: str | None = None

    @property
    def is_given(self) -> bool:
        """Whether the client sent a second factor."""
        return self.otp is not None or self.recovery_code is not None


def accepted_time_steps(now: datetime) -> tuple[int, ...]:
    """Return the time steps whose passwords are accepted at `now`, the current one first."""
    current = int(now.timestamp()) // TOTP_STEP_SECONDS
    return tuple(current + offset for offset in TOTP_DRIFT_STEPS)


def format_recovery_code(random: bytes) -> str:
    """Return 10 random bytes as 16 base32 symbols in four groups, the form that is shown once."""
    letters = base64.b32encode(random).decode()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def normalize_recovery_code(typed: str) -> str:
    """Return the code in upper case, without dashes and whitespace."""
    return join_code(typed).upper()
