"""Brings a changed account into the graph. The intent is stored on the account: this only saves time."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.area_resources import UserResources
from adapters.failures import is_unavailable
from api.http.outages import logged_unless_away
from domain.intents import MAX_DRAINED, IntentKind
from domain.users.users import GraphUser

logger = logging.getLogger("decode.api")


@dataclass(frozen=True)
class GraphSyncTrigger:
    """Writes accounts to their nodes, and wakes the drain that closes their intents."""

    resources: UserResources

    async def trigger(self, user_id: str) -> None:
        """Write the account to its node and wake the drain, which closes the intent.

        While Neo4j or Temporal is unavailable its part is left to the sweep.
        """
        self.resources.intent_waker.wake(IntentKind.GRAPH_SYNC, user_id)
        await self.put(user_id)

    async def put(self, user_id: str) -> None:
        """Write the account to its node, for reads that begin after the answer. It wakes no drain: the activity that
        commits a change does, or the sweep closes the intent.
        """
        with logged_unless_away("account not written with its answer", to=logger):
            user = await self.resources.users.users.find_graph_user(user_id)
            if user is not None:
                await self.resources.users.nodes.put_at_once([user])

    async def put_pending(self) -> None:
        """Write the accounts that wait for the drain to their nodes, the newest MAX_DRAINED, for a search that
        follows. More wait only after an outage.

        A change of a name costs Neo4j 15 ms of CPU, however many accounts are in it: so a registration leaves its
        account to the drain, and the first search before it pays. Raises ServiceUnavailable after a second: without
        them the search would not be true.
        """
        pending = await self.resources.users.users.find_newest_unsynced(limit=MAX_DRAINED)
        if pending:
            await self._try_to_put(pending)
            await self._remove_erased([user.user_id for user in pending])

    async def _try_to_put(self, pending: Sequence[GraphUser]) -> None:
        """What Neo4j refuses is left to the drain, which finds out whose account it is and sets it aside."""
        try:
            await self.resources.users.nodes.put_at_once(pending)
        except Exception as error:
            if is_unavailable(error):
                raise
            logger.error("accounts not written before a search", exc_info=error)

    async def _remove_erased(self, user_ids: Sequence[str]) -> None:
        """Remove the nodes just restored of accounts that were erased during the write."""
        erased = await self.resources.users.users.find_missing(user_ids)
        if erased:
            await self.resources.users.nodes.remove_bare(erased)
