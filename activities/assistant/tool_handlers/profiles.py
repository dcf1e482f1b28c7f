"""Handlers of the tools for profiles. A changed one is in lists and search when the call is done."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from activities.assistant.tool_handlers.handling import Handler, ToolUse
from activities.assistant.tool_handlers.people import find_own_end, require_id
from domain.assistant.tools.views import flows_view, other_profile_view, own_profile_view
from domain.errors import InvalidInput, NotAuthenticated
from domain.social.interests import Interest
from domain.typed_text import compose, find_unpaired_bidi, unify_newlines
from domain.users.errors import UserNotFound
from domain.users.users import ProfileChange

if TYPE_CHECKING:
    from adapters.mongo.users.open_flows import OpenFlows
    from adapters.mongo.users.profiles import ProfileStore
    from adapters.mongo.users.users import UserStore
    from adapters.neo4j.social.interests import InterestStore
    from adapters.neo4j.social.relationships import RelationshipStore
    from adapters.neo4j.users.users import GraphUserStore
    from adapters.redis.session_invalidations import SessionInvalidations
    from adapters.temporal.flow_views import FlowViews

logger = logging.getLogger("decode.activities")


class ProfileTools:
    """The caller's own profile, and those of other users. `wake_graph_sync`: takes the id of a changed user."""

    def __init__(
        self,
        users: "UserStore",
        profiles: "ProfileStore",
        relationships: "RelationshipStore",
        interests: "InterestStore",
        nodes: "GraphUserStore",
        open_flows: "OpenFlows",
        flow_views: "FlowViews",
        invalidations: "SessionInvalidations",
        wake_graph_sync: Callable[[str], None],
    ) -> None:
        self._users = users
        self._profiles = profiles
        self._relationships = relationships
        self._interests = interests
        self._nodes = nodes
        self._open_flows = open_flows
        self._flow_views = flow_views
        self._invalidations = invalidations
        self._wake_graph_sync = wake_graph_sync

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by the names of their tools."""
        return {
            "my_profile": self._read_own,
            "my_flows": self._list_flows,
            "read_profile": self._read,
            "set_bio": self._set_bio,
            "set_display_name": self._set_display_name,
            "set_interests": self._set_interests,
        }

    async def _read_own(self, use: ToolUse) -> Mapping[str, Any]:
        counts, interests = await asyncio.gather(
            self._relationships.count_edges(use.user_id), self._interests.list_interests(use.user_id)
        )
        return own_profile_view(use.user, counts, interests)

    async def _list_flows(self, use: ToolUse) -> Mapping[str, Any]:
        return flows_view(await self._flow_views.find(self._open_flows.flow_ids(use.user)))

    async def _read(self, use: ToolUse) -> Mapping[str, Any]:
        user_id = await require_id(self._users, use.text("username"))
        user, relations = await asyncio.gather(
            self._users.find(user_id),
            self._relationships.find_profile_relations(user_id, caller_id=use.user_id),
        )
        if user is None or not user.is_active or relations.blocks_caller:
            raise UserNotFound
        return other_profile_view(user, relations)

    async def _set_bio(self, use: ToolUse) -> Mapping[str, Any]:
        bio = compose(unify_newlines(use.text("bio")))
        await self._change(use, ProfileChange(bio=bio))
        return {"bio": bio}

    async def _set_display_name(self, use: ToolUse) -> Mapping[str, Any]:
        name = compose(use.text("display_name"))
        if find_unpaired_bidi(name):
            message = "a control character of the writing direction has no partner"
            raise InvalidInput(details=[{"field": "display_name", "message": message}])
        await self._change(use, ProfileChange(display_name=name))
        return {"display_name": name}

    async def _set_interests(self, use: ToolUse) -> Mapping[str, Any]:
        named: Any = use.arguments["interests"]
        interests = sorted(set(map(Interest, named)))
        await self._interests.replace(await find_own_end(self._users, use.user_id), interests, use.now)
        return {"interests": interests}

    async def _change(self, use: ToolUse, change: ProfileChange) -> None:
        """Change the account, then its node. The intent of the change is committed: what fails from there on is carried
        out by the drain that is woken, so it does not fail the call.
        """
        user = await self._profiles.change(use.user_id, change, use.now)
        if user is None:
            raise NotAuthenticated
        self._wake_graph_sync(use.user_id)
        await asyncio.gather(self._invalidations.publish_account_changed(use.user_id), self._put_node(use.user_id))

    async def _put_node(self, user_id: str) -> None:
        try:
            node = await self._users.find_graph_user(user_id)
            if node is not None:
                await self._nodes.put_at_once([node])
        except Exception as error:
            logger.warning("account not written with its call", exc_info=error)
