"""The second factor: one-time passwords by RFC 6238 and recovery codes."""

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

TOTP_STEP_SECONDS = 30
TOTP_DRIFT_STEPS = (0, -1, 1)
"""Steps a clock may be off, the likeliest first (RFC 6238 §5.2)."""
SECRET_BYTES = 20
RECOVERY_CODE_COUNT = 10
RECOVERY_CODE_BYTES = 10
"""80 bits: nobody guesses them, so they need no slow hash."""


@dataclass(frozen=True)
class TwoFactor:
    """An account's second factor as it is stored; `secret` is in clear only here, in memory.

    `sealed_secret` tells one secret from its replacement.
    """

    user_id: str
    is_enabled: bool
    enabled_at: datetime | None
    secret: bytes
    sealed_secret: bytes
    recovery_codes_left: int


class SecondFactorVerdict(StrEnum):
    """What a second proof is worth, before it is used up."""

    NOT_NEEDED = "not_needed"
    MISSING = "missing"
    WRONG = "wrong"
    RIGHT = "right"


@dataclass(frozen=True)
class SecondFactorProof:
    """What a person sends as a second factor: one of the two."""

    otp: str | None = None
    recovery_code: str | None = None

    @property
    def is_given(self) -> bool:
        return self.otp is not None or self.recovery_code is not None


def accepted_time_steps(now: datetime) -> tuple[int, ...]:
    """The time steps whose password is good now."""
    current = int(now.timestamp()) // TOTP_STEP_SECONDS
    return tuple(current + offset for offset in TOTP_DRIFT_STEPS)


def format_recovery_code(random: bytes) -> str:
    """80 bits as sixteen letters in four groups, as they are shown once."""
    letters = base64.b32encode(random).decode()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def normalize_recovery_code(typed: str) -> str:
    """Case, dashes and spaces do not count."""
    return re.sub(r"[\s-]", "", typed).upper()
