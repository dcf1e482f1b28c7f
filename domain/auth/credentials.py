"""What a sign-in by password is judged by."""

from collections.abc import Set
from dataclasses import dataclass

from domain.users.users import User


@dataclass(frozen=True)
class Credentials:
    """An account, active or not, with the encoded hash of its password. `trusted_fingerprints`: keyed hashes of the
    devices that it trusts.
    """

    user: User
    password_hashed: str
    trusted_fingerprints: Set[str]
    has_second_factor: bool
