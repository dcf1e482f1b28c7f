"""E-mail addresses: the canonical form under which an address is unique."""

import unicodedata

MAX_LENGTH = 254
"""RFC 5321 §4.5.3.1.3, less the angle brackets."""


def email_key(address: str) -> str:
    """NFC and case-folded whole; the domain is in its IDNA form already. Plus and dots stay: they may be
    other people.
    """
    return unicodedata.normalize("NFC", address).casefold()


def local_part(address: str) -> str:
    return address.rpartition("@")[0]
