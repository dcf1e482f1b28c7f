"""Handlers of the tools for follows, blocks and lists of users, over the stores and rules of the routes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from activities.assistant.tool_handlers.handling import Handler, ToolUse
from activities.assistant.tool_handlers.people import find_both_ends, find_id, require_id, require_visible
from domain.assistant.tools.views import people_view
from domain.paging import Page, PageRequest, parse_cursor
from domain.social.follows import require_follow_allowed, require_not_self
from domain.social.relationships import PersonRow
from domain.users.errors import UserNotFound

if TYPE_CHECKING:
    from adapters.mongo.notifications.notifications import NotificationStore
    from adapters.mongo.users.users import UserStore
    from adapters.neo4j.social.blocks import BlockStore
    from adapters.neo4j.social.follows import FollowStore
    from adapters.neo4j.social.list_search import ListSearchStore
    from adapters.neo4j.social.lists import ListStore
    from adapters.neo4j.social.person_summaries import PersonSummaryStore


class RelationshipTools:
    """Follows and blocks. `wake_follow_notifications`: takes the id of a user who has a new follower."""

    def __init__(
        self,
        users: "UserStore",
        people: "PersonSummaryStore",
        lists: "ListStore",
        list_search: "ListSearchStore",
        follows: "FollowStore",
        blocks: "BlockStore",
        notifications: "NotificationStore",
        wake_follow_notifications: Callable[[str], None],
    ) -> None:
        self._users = users
        self._people = people
        self._lists = lists
        self._list_search = list_search
        self._follows = follows
        self._blocks = blocks
        self._notifications = notifications
        self._wake_follow_notifications = wake_follow_notifications

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by the names of their tools."""
        return {
            "list_followers": self._list_followers,
            "list_followings": self._list_followings,
            "mutual_followers": self._list_mutual,
            "follow_user": self._follow,
            "unfollow_user": self._unfollow,
            "block_user": self._block,
            "unblock_user": self._unblock,
        }

    async def _list_followers(self, use: ToolUse) -> Mapping[str, Any]:
        owner = await self._owner(use)
        reading = self._lists.list_followers(owner, caller_id=use.user_id, page_request=_page_request(use))
        return await self._read_list_of(owner, reading)

    async def _list_followings(self, use: ToolUse) -> Mapping[str, Any]:
        owner = await self._owner(use)
        reading = self._lists.list_followees(owner, caller_id=use.user_id, page_request=_page_request(use))
        return await self._read_list_of(owner, reading)

    async def _list_mutual(self, use: ToolUse) -> Mapping[str, Any]:
        owner = await self._owner(use)
        page_request = _page_request(use)
        reading = self._list_search.list_mutual_followers(owner, caller_id=use.user_id, page_request=page_request)
        return await self._read_list_of(owner, reading)

    async def _follow(self, use: ToolUse) -> Mapping[str, Any]:
        me, other = await find_both_ends(self._users, use.user_id, use.text("username"))
        is_new = require_follow_allowed(await self._follows.follow(me, other, use.now))
        if is_new:
            self._wake_follow_notifications(other.user_id)
        return {"username": other.username, "is_following": True, "changed": is_new}

    async def _unfollow(self, use: ToolUse) -> Mapping[str, Any]:
        return {"is_following": False, "changed": await self._end(use, self._follows.unfollow)}

    async def _block(self, use: ToolUse) -> Mapping[str, Any]:
        me, other = await find_both_ends(self._users, use.user_id, use.text("username"))
        changed = await self._blocks.block(me, other, use.now)
        await asyncio.gather(
            self._notifications.redact(me.user_id, [other.user_id]),
            self._notifications.redact(other.user_id, [me.user_id]),
        )
        return {"username": other.username, "is_blocked": True, "changed": changed}

    async def _unblock(self, use: ToolUse) -> Mapping[str, Any]:
        return {"is_blocked": False, "changed": await self._end(use, self._blocks.unblock)}

    async def _end(self, use: ToolUse, end: Callable[[str, str], Awaitable[bool]]) -> bool:
        """End an edge to the user who is named, whoever that is. Where there was none, a user whom the caller may not
        see is as unknown as a name that no account has.
        """
        other = await find_id(self._users, use.text("username"))
        if other is not None:
            require_not_self(use.user_id, other)
            if await end(use.user_id, other):
                return True
        await require_visible(self._users, self._people, other, caller_id=use.user_id)
        return False

    async def _owner(self, use: ToolUse) -> str:
        username = use.find_text("username")
        return use.user_id if username is None else await require_id(self._users, username)

    async def _read_list_of(self, owner: str, reading: Awaitable[Page[PersonRow]]) -> Mapping[str, Any]:
        """Return the page of an active user. MongoDB decides: a new user may not be in the graph."""
        is_active, page = await asyncio.gather(self._users.is_active(owner), reading)
        if not is_active:
            raise UserNotFound
        return people_view(page)


def _page_request(use: ToolUse) -> PageRequest:
    return PageRequest(use.limit, after=parse_cursor(use.cursor) if use.cursor else None)
