"""E-mail addresses: the canonical form under which an address is unique."""

import unicodedata

MAX_EMAIL_LENGTH = 254
"""In characters: the limit of RFC 5321 §4.5.3.1.3 without the angle brackets."""


def email_key(email_address: str) -> str:
    """Return the address in NFC and case-folded; its domain is in IDNA form already. A plus suffix and dots are kept:
    such addresses may belong to other users.
    """
    return unicodedata.normalize("NFC", email_address).casefold()


def local_part(email_address: str) -> str:
    """Return the part before the last @."""
    return email_address.rpartition("@")[0]
