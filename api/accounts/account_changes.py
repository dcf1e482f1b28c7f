"""What follows at once when a flow has changed an account."""

from dataclasses import dataclass

from adapters.area_resources import AccountResources
from api.access.session_cache import SessionCache
from domain.errors import FlowClosed
from domain.users.users import User


@dataclass(frozen=True)
class AccountChanges:
    """Publishes changes to the processes of the API."""

    resources: AccountResources
    session_cache: SessionCache

    async def publish(self, user_id: str) -> User:
        """Drop the cached sessions of the user, and return the account as it is now.

        Raises FlowClosed if the account was erased meanwhile.
        """
        await self.session_cache.invalidate_user(user_id)
        user = await self.resources.users.users.find(user_id)
        if user is None:
            raise FlowClosed
        return user
