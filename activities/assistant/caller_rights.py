"""What the caller of a tool may do at this moment: the account and its permissions, read anew for each call."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from domain.assistant.chats import Chat
from domain.assistant.tools.checks import ToolCaller
from domain.assistant.turns import Turn
from domain.users.access import BUILT_IN_ACCESS
from domain.users.users import User

if TYPE_CHECKING:
    from adapters.mongo.assistant.askers import AskerStore
    from adapters.mongo.assistant.chats import ChatStore
    from adapters.mongo.users.access_head import AccessHead
    from adapters.mongo.users.users import UserStore

FindCaller = Callable[[str, str | None, datetime], Awaitable[tuple[User, ToolCaller] | None]]
"""Takes a user id, the session or API key that asks, and the time; returns the account and what it may do by that, None
unless both are active.
"""


FindRights = Callable[[Turn], Awaitable[tuple[Chat, ToolCaller] | None]]
"""Takes a turn; returns its chat and what its user may do there by what has asked, None if nothing."""


def rights_finder(chats: "ChatStore", find_caller: FindCaller) -> FindRights:
    """Return what finds the rights in a chat."""

    async def find(turn: Turn) -> tuple[Chat, ToolCaller] | None:
        now = datetime.now(UTC)
        chat, found = await asyncio.gather(
            chats.find(turn.user_id, turn.chat_id, now), find_caller(turn.user_id, turn.asker_id, now)
        )
        return (chat, replace(found[1], allowed=chat.tools)) if chat and found else None

    return find


def caller_finder(users: "UserStore", head: "AccessHead", askers: "AskerStore") -> FindCaller:
    """Return what finds callers. Roles and permissions are read again when their version has changed."""
    access = BUILT_IN_ACCESS

    async def find(user_id: str, asker_id: str | None, now: datetime) -> tuple[User, ToolCaller] | None:
        nonlocal access
        user, asker = await asyncio.gather(users.find(user_id), askers.find(asker_id, now))
        if user is None or not user.is_active or asker is None:
            return None
        if await head.version() != access.version:
            access = await head.read()
        return user, ToolCaller.of(access.permissions_of(user, now), asker.scopes)

    return find
