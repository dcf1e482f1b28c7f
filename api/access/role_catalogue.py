"""What the roles of this moment contain, as this process knows them."""

from collections.abc import Mapping
from datetime import datetime

from domain.users.roles import BUILT_IN_ROLES
from domain.users.users import Role, User


class RoleCatalogue:
    """The permissions of accounts by their roles."""

    def __init__(self) -> None:
        self._effective: Mapping[Role, frozenset[str]] = {role: _effective(role) for role in Role}

    async def permissions_of(self, user: User, now: datetime) -> frozenset[str]:
        """Return the names of all permissions that the account has at `now`."""
        return self._effective[user.role]


def _effective(role: Role | None) -> frozenset[str]:
    if role is None:
        return frozenset()
    built_in = BUILT_IN_ROLES[role]
    return built_in.permissions | _effective(built_in.parent)
