"""E-mail addresses: the canonical form under which an address is unique."""

import unicodedata

MAX_EMAIL_LENGTH = 254
"""RFC 5321 §4.5.3.1.3, less the angle brackets."""


def email_key(email_address: str) -> str:
    """NFC and case-folded whole; the domain is in its IDNA form already. Plus and dots stay: they may be
    other people.
    """
    return unicodedata.normalize("NFC", email_address).casefold()


def local_part(email_address: str) -> str:
    return email_address.rpartition("@")[0]
