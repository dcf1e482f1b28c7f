"""What the caller of a tool may do at this moment: the account and its permissions, read anew for each call."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING

from domain.assistant.tools.checks import ToolCaller
from domain.users.access import BUILT_IN_ACCESS
from domain.users.users import User

if TYPE_CHECKING:
    from adapters.mongo.users.access_head import AccessHead
    from adapters.mongo.users.users import UserStore

FindCaller = Callable[[str, datetime], Awaitable[tuple[User, ToolCaller] | None]]
"""Takes a user id and the time; returns the account and what it may do, None unless it is active."""


def caller_finder(users: "UserStore", head: "AccessHead") -> FindCaller:
    """Return what finds callers. Roles and permissions are read again when their version has changed."""
    access = BUILT_IN_ACCESS

    async def find(user_id: str, now: datetime) -> tuple[User, ToolCaller] | None:
        nonlocal access
        user = await users.find(user_id)
        if user is None or not user.is_active:
            return None
        if await head.version() != access.version:
            access = await head.read()
        return user, ToolCaller(access.permissions_of(user, now))

    return find
