"""Usernames: their pattern, the key under which they are unique, and the reserved names."""

USERNAME_PATTERN = r"^[A-Za-z0-9_]{3,30}$"

RESERVED_USERNAMES = frozenset(
    """
    admin administrator root system support help security official moderator decode api www mail me null
    undefined abuse billing contact hostmaster info login logout noreply no_reply nobody postmaster register
    settings signin signup staff status team webmaster everyone anonymous deleted
    """.split()
)


def username_key(username: str) -> str:
    """Return the form in which a username is unique: `Alice` and `alice` are one name."""
    return username.casefold()


def is_reserved(username: str) -> bool:
    """Whether the username is reserved, in any letter case."""
    return username_key(username) in RESERVED_USERNAMES
