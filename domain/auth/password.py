"""Passwords: their normal form for hashing, and the rule for weak ones."""

import unicodedata
from collections.abc import Collection
from enum import StrEnum

MIN_PASSWORD_LENGTH = 8
MAX_PASSWORD_LENGTH = 256
PRODUCT_NAME = "decode"
MIN_CONTEXT_WORD_LENGTH = 4
"""Shorter context words would reject too many good passwords."""


class ResetOutcome(StrEnum):
    """Result of a reset whose code and second factor are not wrong.

    GONE: the account does not exist, or has another address or epoch than when the reset was asked for.
    """

    DONE = "done"
    GONE = "gone"
    SECOND_FACTOR_MISSING = "second_factor_missing"
    PASSWORD_WEAK = "password_weak"  # noqa: S105 - an outcome


def normalize_password(typed: str) -> str:
    """Return the NFC form, so that one password typed on two keyboards is equal (NIST SP 800-63B §3.1.1.2)."""
    return unicodedata.normalize("NFC", typed)


def is_weak(password: str, *, common: Collection[str], context: Collection[str]) -> bool:
    """Whether a normalized password is too weak (OWASP ASVS 6.2.1, 6.2.4, 6.2.11).

    `common`: frequent passwords in lower case; `context`: words related to the account, such as its username.
    """
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        return True
    folded = password.casefold()
    words = [word.casefold() for word in (*context, PRODUCT_NAME) if len(word) >= MIN_CONTEXT_WORD_LENGTH]
    return folded in common or any(word in folded for word in words)
