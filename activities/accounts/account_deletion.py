"""The store accesses of a deactivation: read its status, hide and show the user in the graph."""

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
"""An interrupted attempt loses at most the current batch; the next attempt continues from there."""


@dataclass(frozen=True)
class DeletionInput:
    """`key`: the id of the deactivation; `user_key`: the keyed hash of the user id, for the workflow id;
    `subject_hash`: the keyed hash of the mail address, for the search attribute, empty once the address is erased.
    """

    user_id: str
    user_key: str
    key: str
    subject_hash: str = ""


@dataclass(frozen=True)
class CloseIntent:
    """`key`: the id of the deactivation; `standing`: the status that the workflow has carried out."""

    key: str
    standing: DeletionStatus


class AccountDeletionActivities:
    """Activities of the AccountDeletion workflow."""

    def __init__(
        self, deletions: "DeletionStore", users: "UserStore", graph_users: "GraphUserStore", follows: "FollowStore"
    ) -> None:
        self._deletions = deletions
        self._users = users
        self._graph_users = graph_users
        self._follows = follows

    @activity.defn(name="account_deletion.look")
    async def get_deletion(self, deletion_key: str) -> Deletion | None:
        """Return the deletion; None once a later deactivation, with its own flow, has replaced it."""
        return await self._deletions.find(deletion_key)

    @activity.defn(name="account_deletion.hide")
    async def hide(self, user_id: str) -> bool:
        """Hide the user and their edges in the graph. Returns True when nothing is left to hide."""
        await self._project(user_id)
        return await self._all_moved(self._follows.pause, user_id)

    @activity.defn(name="account_deletion.show")
    async def show(self, user_id: str) -> bool:
        """Show the user and their edges in the graph again. Returns True when nothing is left to show.

        The node comes first, then the edges: of two users reactivated at once, one must see the other as active.
        """
        await self._project(user_id)
        return await self._all_moved(self._follows.resume, user_id)

    @activity.defn(name="account_deletion.close_intent")
    async def close_intent(self, command: CloseIntent) -> None:
        """Close the intent, unless the account's status has changed meanwhile."""
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
