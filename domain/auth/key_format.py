"""The text of an API key, `dk_{environment}_{id}_{secret}{checksum}`, by which scanners find one that has leaked.

The checksum is the CRC-32 of all that stands before it: it tells a typo from a key before any look-up, and proves
nothing.
"""

import re
import string
import zlib

KEY_PATTERN = r"dk_(?:live|test)_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}"
"""For scanners of secrets. What matches and has the right checksum is a key of ours."""
MARK = "dk_"
"""What every key begins with, and no access token."""

PREFIX_LENGTH = len("dk_live_") + 12
SECRET_LENGTH = 43
"""256 bits in base 62."""
CHECKSUM_LENGTH = 6
ID_LENGTH = 12
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_KEY = re.compile(KEY_PATTERN, re.ASCII)


def base62(number: int, length: int) -> str:
    """Return the last `length` digits of a number in base 62, with zeros in front."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def is_key(text: str) -> bool:
    """Whether a bearer token is meant as an API key, or an id is the prefix of one."""
    return text.startswith(MARK)


def format_key(prefix: str, secret: str) -> str:
    """Return the whole key. `prefix`: with environment and id, as `dk_live_` and 12 characters; `secret`: 43."""
    text = f"{prefix}_{secret}"
    return text + _checksum(text)


def key_prefix(text: str, environment: str) -> str | None:
    """Return the prefix of a key of this environment; None for a typo and for anything else."""
    if not _KEY.fullmatch(text) or not text.startswith(f"{MARK}{environment}_"):
        return None
    return text[:PREFIX_LENGTH] if text[-CHECKSUM_LENGTH:] == _checksum(text[:-CHECKSUM_LENGTH]) else None


def _checksum(text: str) -> str:
    return base62(zlib.crc32(text.encode()), CHECKSUM_LENGTH)
