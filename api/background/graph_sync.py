"""Brings a changed account into the graph. The intent is stored on the account: this only saves time."""

import logging
from dataclasses import dataclass

from adapters.area_resources import UserResources
from api.http.outages import logged_unless_away, none_if_unavailable
from domain.intents import IntentKind

logger = logging.getLogger("decode.api")

MAX_PENDING = 100
"""Accounts that a search writes. More are waiting only after Neo4j was away, and then for the drain."""


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
        """Write the account to its node, for reads that begin after the answer. The activity that has committed the
        change wakes the drain.
        """
        user = await self.resources.users.users.find_graph_user(user_id)
        if user is not None:
            await none_if_unavailable(self.resources.users.nodes.put_at_once([user]))

    async def put_pending(self) -> None:
        """Write the accounts that changed last and wait for the drain to their nodes, for a search that begins then.

        A change of a name costs Neo4j 15 ms of CPU, however many accounts are in it: so a registration leaves its
        account to the drain, and the first search before it pays. Accounts that Neo4j refuses are left to the drain,
        which sets them aside.
        """
        pending = await self.resources.users.users.find_newest_unsynced(limit=MAX_PENDING)
        with logged_unless_away("accounts not written before a search", to=logger):
            if pending:
                await self.resources.users.nodes.put_at_once(pending)
