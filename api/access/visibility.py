"""Which users a caller may see: no deactivated user, and no user who blocks the caller."""

import asyncio

from adapters.mongo.users.users import UserStore
from adapters.neo4j.social.person_summaries import PersonSummaryStore
from domain.users.errors import UserNotFound


class Visibility:
    """Visibility of other users to the caller with this user id."""

    def __init__(self, users: UserStore, people: PersonSummaryStore, caller_id: str) -> None:
        self._users = users
        self._people = people
        self._caller_id = caller_id

    async def require_visible(self, user_id: str) -> None:
        """Raise UserNotFound unless the caller may see the user. One round trip to each of two stores, in parallel."""
        is_active, is_hidden = await asyncio.gather(
            self._users.is_active(user_id), self._people.is_hidden(user_id, caller_id=self._caller_id)
        )
        if is_hidden or not is_active:
            raise UserNotFound
