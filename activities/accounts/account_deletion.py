"""What a deactivation asks of the stores: look how it stands, hide and show the person in the graph."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from temporalio import activity

from domain.accounts.account_deletion import Deletion, DeletionStatus

if TYPE_CHECKING:
    from adapters.mongo.accounts.account_deletion import DeletionStore
    from adapters.mongo.users.users import UserStore
    from adapters.neo4j.social.follows import FollowStore
    from adapters.neo4j.users.users import GraphUserStore

BATCH_SIZE = 1_000
MAX_BATCHES_PER_ATTEMPT = 20
"""A try that is cut off loses no more than the batch in hand; the next one goes on from there."""


@dataclass(frozen=True)
class DeletionInput:
    """`key` names the deactivation, `user_key` stands for the user in the workflow's id, `subject_hash` for the
    address in what operators list by; it is empty once the address is gone.
    """

    user_id: str
    user_key: str
    key: str
    subject_hash: str = ""


@dataclass(frozen=True)
class CloseIntent:
    key: str
    standing: DeletionStatus


class AccountDeletionActivities:
    def __init__(
        self, deletions: "DeletionStore", users: "UserStore", graph_users: "GraphUserStore", follows: "FollowStore"
    ) -> None:
        self._deletions = deletions
        self._users = users
        self._graph_users = graph_users
        self._follows = follows

    @activity.defn(name="account_deletion.look")
    async def get_deletion(self, deletion_key: str) -> Deletion | None:
        """How it stands. None: a later deactivation, with a flow of its own, has taken its place."""
        return await self._deletions.find(deletion_key)

    @activity.defn(name="account_deletion.hide")
    async def hide(self, user_id: str) -> bool:
        """Take the person out of everybody's sight. True when nothing is left to hide."""
        await self._project(user_id)
        return await self._all_moved(self._follows.pause, user_id)

    @activity.defn(name="account_deletion.show")
    async def show(self, user_id: str) -> bool:
        """Bring the person back. True when nothing is left to show.

        Of two who come back at the same time one must see the other as active: first the node, then the edges.
        """
        await self._project(user_id)
        return await self._all_moved(self._follows.resume, user_id)

    @activity.defn(name="account_deletion.close_intent")
    async def close_intent(self, command: CloseIntent) -> None:
        """Nothing is owed any more, unless the account's standing has changed meanwhile."""
        await self._deletions.close_intent(command.key, is_back=command.standing is DeletionStatus.BACK)

    async def _project(self, user_id: str) -> None:
        user = await self._users.find_graph_user(user_id)
        if user is not None:
            await self._graph_users.put(user)

    async def _all_moved(self, move: Callable[..., Awaitable[int]], user_id: str) -> bool:
        for _ in range(MAX_BATCHES_PER_ATTEMPT):
            if await move(user_id, limit=BATCH_SIZE) == 0:
                return True
        return False
