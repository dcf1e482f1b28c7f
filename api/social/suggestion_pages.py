"""Suggestions page by page. A run is kept in Redis, so that reading on neither repeats nor leaves out anybody."""

from datetime import datetime

from adapters.neo4j.social.suggestions import SuggestionStore
from adapters.redis.suggestions import SuggestionListCache
from api.http.outages import none_if_unavailable
from domain.social.suggestions import Slice, SuggestionList, SuggestionSlice


class SuggestionPages:
    def __init__(self, suggestions: SuggestionStore, cache: SuggestionListCache) -> None:
        self._suggestions = suggestions
        self._cache = cache

    async def read(self, user_id: str, wanted_slice: Slice, now: datetime) -> SuggestionSlice:
        """One page. Whoever begins anew after a follow or a block has a new run; whoever reads on stays in theirs.

        With Redis away each page is cut from a run of its own, which is the same as long as the graph is.
        """
        suggestions = await none_if_unavailable(self._cache.find(user_id)) or await self._new_list(user_id, now)
        found = await self._suggestions.read_slice(user_id, suggestions, wanted_slice, now)
        if wanted_slice.start > 0 or found.version == suggestions.version:
            return found
        return await self._suggestions.read_slice(user_id, await self._new_list(user_id, now), wanted_slice, now)

    async def _new_list(self, user_id: str, now: datetime) -> SuggestionList:
        """Nobody is not kept: the graph may learn in a moment who somebody followed just now is."""
        suggestions = await self._suggestions.suggest(user_id, now)
        if suggestions.people:
            await none_if_unavailable(self._cache.put(user_id, suggestions))
        return suggestions
