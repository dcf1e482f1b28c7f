"""Writes the profiles of many changed accounts to the graph, in one statement, and closes their intents."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.operations.intent_drain import Drained, IsUnavailable, find_refused, rest
from domain.intents import MAX_DRAINED, Shard
from domain.users.users import GraphUser

if TYPE_CHECKING:
    from adapters.mongo.users.users import UserStore
    from adapters.neo4j.users.users import GraphUserStore


class GraphSyncDrainActivities:
    """The drain of sync intents."""

    def __init__(self, users: "UserStore", graph_users: "GraphUserStore", is_unavailable: IsUnavailable) -> None:
        self._users = users
        self._graph_users = graph_users
        self._is_unavailable = is_unavailable

    @activity.defn(name="graph_sync.drain")
    async def drain(self, shard: Shard) -> Drained:
        """Write the accounts with the oldest open intents to the graph and close their intents. Idempotent.

        Who cannot be written is set aside: the sweep starts a GraphSync of their own. Rests after several.
        """
        found = await self._users.find_unsynced(shard.suffixes, limit=MAX_DRAINED)
        unreadable = [account.user_id for account in found if account.profile is None]
        profiles = [account.profile for account in found if account.profile]
        refused = await find_refused(profiles, self._sync, self._is_unavailable)
        failed = [*unreadable, *(profile.user_id for profile in refused)]
        if failed:
            await self._users.set_aside(failed, datetime.now(UTC))
        return await rest(shard, len(found), limit=MAX_DRAINED)

    async def _sync(self, profiles: Sequence[GraphUser]) -> None:
        """Write the profiles. An account that changes meanwhile keeps its intent, whose wake-up is under way."""
        await self._graph_users.put_many(profiles)
        if await self._users.mark_many_synced(profiles) < len(profiles):
            await self._remove_erased([profile.user_id for profile in profiles])

    async def _remove_erased(self, user_ids: Sequence[str]) -> None:
        """Remove the nodes just restored of accounts that were erased during the write."""
        erased = await self._users.find_missing(user_ids)
        if erased:
            await self._graph_users.remove_bare(erased)
