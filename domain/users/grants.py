"""Grants: a role or a single permission that a user has besides the account's role, for good or until a moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.users.permissions import Permission

MAX_GRANTS = 50
MAX_REASON_LENGTH = 200
MAX_LIFE = timedelta(days=3650)


# What is granted. No docstring: Pydantic shows it in docs/openapi.json.
class GrantKind(StrEnum):
    ROLE = "role"
    PERMISSION = "permission"


GIVING = {GrantKind.ROLE: Permission.ROLES_ASSIGN, GrantKind.PERMISSION: Permission.PERMISSIONS_GRANT}
TAKING = {GrantKind.ROLE: Permission.ROLES_ASSIGN, GrantKind.PERMISSION: Permission.PERMISSIONS_REVOKE}
"""What the author of a change must have."""


@dataclass(frozen=True)
class Grant:
    """A grant on an account. `name`: of the role or the permission. `until`: None for good. `by`: the user who gave it.

    Whether it has run out is judged at each use.
    """

    grant_id: str
    kind: GrantKind
    name: str
    until: datetime | None
    reason: str
    by: str
    at: datetime

    def is_live(self, now: datetime) -> bool:
        """Whether the grant counts at `now`."""
        return self.until is None or now < self.until

    def lasts(self, until: datetime | None) -> bool:
        """Whether the grant counts up to that moment, None for good."""
        return self.until is None or (until is not None and until <= self.until)
