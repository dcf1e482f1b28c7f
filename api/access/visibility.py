"""Whom a caller may look at: nobody deactivated, and nobody who blocks them."""

import asyncio

from adapters.resources import Resources
from api.access.authentication import Caller
from domain.users.errors import UserNotFound


async def require_seen(user_id: str, caller: Caller, resources: Resources) -> None:
    """Raises UserNotFound. One round trip to each of two stores, side by side."""
    is_active, is_hidden = await asyncio.gather(
        resources.users.users.is_active(user_id),
        resources.social.person_summaries.is_hidden(user_id, caller_id=caller.user.user_id),
    )
    if is_hidden or not is_active:
        raise UserNotFound
