"""Handlers of the tools that find users."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from activities.assistant.tool_handlers.handling import Handler, ToolUse
from domain.assistant.tools.views import people_view, suggestions_view
from domain.intents import MAX_DRAINED
from domain.social.search import NO_RESULTS, full_text_query, parse_search_cursor
from domain.social.suggestions import page_slice

if TYPE_CHECKING:
    from adapters.mongo.users.users import UserStore
    from adapters.neo4j.social.search import SearchStore
    from adapters.neo4j.social.suggestions import SuggestionStore
    from adapters.neo4j.users.users import GraphUserStore


class SearchTools:
    """Search by name, and suggestions."""

    def __init__(
        self, users: "UserStore", nodes: "GraphUserStore", search: "SearchStore", suggestions: "SuggestionStore"
    ) -> None:
        self._users = users
        self._nodes = nodes
        self._search = search
        self._suggestions = suggestions

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by the names of their tools."""
        return {"search_users": self._search_users, "suggest_users": self._suggest_users}

    async def _search_users(self, use: ToolUse) -> Mapping[str, Any]:
        after = parse_search_cursor(use.cursor) if use.cursor else None
        search = full_text_query(use.text("text"))
        if search is None:
            return people_view(NO_RESULTS)
        await self._put_pending()
        return people_view(await self._search.find(search, caller_id=use.user_id, skip=0, after=after, limit=use.limit))

    async def _suggest_users(self, use: ToolUse) -> Mapping[str, Any]:
        """The list is computed anew and not cached: a model asks for its beginning alone."""
        suggestions = await self._suggestions.suggest(use.user_id, use.now)
        page = await self._suggestions.read_slice(
            use.user_id, suggestions, page_slice(page=0, limit=use.limit), use.now
        )
        return suggestions_view(page.people)

    async def _put_pending(self) -> None:
        """Write the accounts that wait for the drain to their nodes, so that a new name is found by every search."""
        pending = await self._users.find_newest_unsynced(limit=MAX_DRAINED)
        if not pending:
            return
        await self._nodes.put_at_once(pending)
        erased = await self._users.find_missing([user.user_id for user in pending])
        if erased:
            await self._nodes.remove_bare(erased)
