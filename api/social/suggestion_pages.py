"""Pages of suggestions. A user's list is cached in Redis, so that later pages neither repeat nor skip users."""

from datetime import datetime

from adapters.neo4j.social.suggestions import SuggestionStore
from adapters.redis.suggestion_list_cache import SuggestionListCache
from api.http.outages import none_if_unavailable
from domain.social.suggestions import Slice, SuggestionList, SuggestionSlice


class SuggestionPages:
    """Reads pages of a user's suggestion list, which is computed and cached on the first page."""

    def __init__(self, suggestions: SuggestionStore, cache: SuggestionListCache) -> None:
        self._suggestions = suggestions
        self._cache = cache

    async def read(self, user_id: str, wanted_slice: Slice, now: datetime) -> SuggestionSlice:
        """Return one page. The first page after a follow or block has a new list; later pages stay in the cached one.

        While Redis is unavailable each page is cut from a new list, equal as long as the graph does not change.
        """
        suggestions = await none_if_unavailable(self._cache.find(user_id)) or await self._new_list(user_id, now)
        page = await self._suggestions.read_slice(user_id, suggestions, wanted_slice, now)
        if wanted_slice.start > 0 or page.version == suggestions.version:
            return page
        return await self._suggestions.read_slice(user_id, await self._new_list(user_id, now), wanted_slice, now)

    async def _new_list(self, user_id: str, now: datetime) -> SuggestionList:
        """Compute the list, and cache it unless empty: a user who was just followed may reach the graph in a moment."""
        suggestions = await self._suggestions.suggest(user_id, now)
        if suggestions.people:
            await none_if_unavailable(self._cache.put(user_id, suggestions))
        return suggestions
