"""What the caller of a tool may do at this moment: the account and its permissions, read anew for each call."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING

from domain.assistant.tools.checks import ToolCaller
from domain.users.access import BUILT_IN_ACCESS
from domain.users.users import User

if TYPE_CHECKING:
    from adapters.mongo.assistant.askers import AskerStore
    from adapters.mongo.users.access_head import AccessHead
    from adapters.mongo.users.users import UserStore

FindCaller = Callable[[str, str | None, datetime], Awaitable[tuple[User, ToolCaller] | None]]
"""Takes a user id, the session or API key that asks, and the time; returns the account and what it may do by that, None
unless both are active.
"""


def caller_finder(users: "UserStore", head: "AccessHead", askers: "AskerStore") -> FindCaller:
    """Return what finds callers. Roles and permissions are read again when their version has changed."""
    access = BUILT_IN_ACCESS

    async def find(user_id: str, asker_id: str | None, now: datetime) -> tuple[User, ToolCaller] | None:
        nonlocal access
        user = await users.find(user_id)
        asker = await askers.find(asker_id, now)
        if user is None or not user.is_active or asker is None:
            return None
        if await head.version() != access.version:
            access = await head.read()
        return user, ToolCaller.of(access.permissions_of(user, now), asker.scopes)

    return find
