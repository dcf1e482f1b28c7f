"""Suggestions page by page. A run is kept in Redis, so that reading on neither repeats nor leaves out anybody."""

from datetime import datetime

from adapters.neo4j.social.suggestions import SuggestionStore
from adapters.redis.suggestions import SuggestionRuns
from api.http.outages import tolerated
from domain.social.suggestions import Run, Stretch, Suggestions


class SuggestionPages:
    def __init__(self, suggestions: SuggestionStore, runs: SuggestionRuns) -> None:
        self._suggestions = suggestions
        self._runs = runs

    async def read(self, user_id: str, stretch: Stretch, now: datetime) -> Suggestions:
        """One page. Whoever begins anew after a follow or a block has a new run; whoever reads on stays in theirs.

        With Redis away each page is cut from a run of its own, which is the same as long as the graph is.
        """
        run = await tolerated(self._runs.find(user_id)) or await self._begin(user_id, now)
        found = await self._suggestions.read(user_id, run, stretch, now)
        if stretch.start > 0 or found.version == run.version:
            return found
        return await self._suggestions.read(user_id, await self._begin(user_id, now), stretch, now)

    async def _begin(self, user_id: str, now: datetime) -> Run:
        """Nobody is not kept: the graph may learn in a moment who somebody followed just now is."""
        run = await self._suggestions.suggest(user_id, now)
        if run.people:
            await tolerated(self._runs.keep(user_id, run))
        return run
