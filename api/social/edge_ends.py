"""The ends of an edge to be made, as their accounts are now: its statement writes both nodes with their profiles.

A user who has just registered has no node yet, and would otherwise be in no list before the graph is synced.
"""

from collections.abc import Mapping

from adapters.area_resources import SocialResources
from api.access.authentication import Caller
from domain.errors import NotAuthenticated
from domain.social.follows import require_not_self
from domain.users.errors import UserNotFound
from domain.users.users import GraphUser


async def find_own_end(resources: SocialResources, caller: Caller) -> GraphUser:
    """Return the caller. Raises NotAuthenticated when they were deactivated a moment ago."""
    me = caller.user.user_id
    active = await resources.users.users.find_active_graph_users([me])
    return _own_end(active, me)


async def find_both_ends(resources: SocialResources, caller: Caller, other_id: str) -> tuple[GraphUser, GraphUser]:
    """Return the caller and the other user, in one query.

    Raises CannotTargetSelf, UserNotFound when the other user is not active, and NotAuthenticated.
    """
    me = caller.user.user_id
    require_not_self(me, other_id)
    active = await resources.users.users.find_active_graph_users([me, other_id])
    if other_id not in active:
        raise UserNotFound
    return _own_end(active, me), active[other_id]


def _own_end(active: Mapping[str, GraphUser], me: str) -> GraphUser:
    if me not in active:
        raise NotAuthenticated
    return active[me]
