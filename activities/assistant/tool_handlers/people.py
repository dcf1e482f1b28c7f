"""Users by the names that calls have for them. Who cannot be seen is not found, as in the routes."""

import asyncio
from typing import TYPE_CHECKING

from domain.errors import NotAuthenticated
from domain.social.follows import require_not_self
from domain.username import username_key
from domain.users.errors import UserNotFound
from domain.users.users import GraphUser

if TYPE_CHECKING:
    from adapters.mongo.users.users import UserStore
    from adapters.neo4j.social.person_summaries import PersonSummaryStore


async def find_id(users: "UserStore", username: str) -> str | None:
    """Return the id of the account with this username, active or not."""
    return await users.find_id_by_username(username_key(username))


async def require_id(users: "UserStore", username: str) -> str:
    """Return the id of the account with this username, active or not. Raises UserNotFound."""
    user_id = await find_id(users, username)
    if user_id is None:
        raise UserNotFound
    return user_id


async def require_visible(
    users: "UserStore", people: "PersonSummaryStore", user_id: str | None, *, caller_id: str
) -> None:
    """Raise UserNotFound unless there is such a user, who is active and does not block the caller."""
    if user_id is None:
        raise UserNotFound
    is_active, is_hidden = await asyncio.gather(
        users.is_active(user_id), people.is_hidden(user_id, caller_id=caller_id)
    )
    if is_hidden or not is_active:
        raise UserNotFound


async def find_own_end(users: "UserStore", me: str) -> GraphUser:
    """Return the caller's end of an edge. Raises NotAuthenticated when they were deactivated a moment ago."""
    active = await users.find_active_graph_users([me])
    if me not in active:
        raise NotAuthenticated
    return active[me]


async def find_both_ends(users: "UserStore", me: str, username: str) -> tuple[GraphUser, GraphUser]:
    """Return both ends of an edge to be made, as their accounts are now.

    Raises CannotTargetSelf, UserNotFound when the other user is not active, and NotAuthenticated.
    """
    other = await require_id(users, username)
    require_not_self(me, other)
    active = await users.find_active_graph_users([me, other])
    if other not in active:
        raise UserNotFound
    if me not in active:
        raise NotAuthenticated
    return active[me], active[other]
