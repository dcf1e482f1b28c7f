"""Sockets that an API key has opened: who may open one, and which keys may no longer hold one."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from adapters.mongo.auth.api_keys import ApiKeyStore
from api.access.key_authentication import KeyAuthenticator, KeyCaller, require_network
from api.access.key_usage import KeyUsage
from api.access.request_context import current_time
from api.access.request_limits import RequestLimits
from api.access.role_catalogue import RoleCatalogue
from api.access.route_limits import key_bucket
from api.sockets.close_codes import CloseCode, SocketClosed
from api.sockets.door import Door
from domain.auth.api_keys import ApiKey, KeyUse
from domain.users.permissions import Permission
from domain.users.users import User


@dataclass(frozen=True)
class KeySockets:
    """Admits keys to the gateways, and finds those that have to leave one."""

    authenticator: KeyAuthenticator
    keys: ApiKeyStore
    catalogue: RoleCatalogue
    usage: KeyUsage

    async def admit(self, text: str, limits: RequestLimits, door: Door) -> KeyCaller:
        """Return the caller of a key that may open a socket at this door now.

        Raises SocketClosed without scope or right, RateLimited, NotAuthenticated.
        """
        now = current_time()
        caller = await self.authenticator.authenticate(text, limits, now)
        require_network(caller)
        is_allowed = await self._may_enter(caller.key, caller.user, door.permission)
        self.usage.count(
            caller.key.key_id, route=door.route, network=limits.client_network, now=now, is_refused=not is_allowed
        )
        if not is_allowed:
            raise SocketClosed(CloseCode.FORBIDDEN)
        bucket = key_bucket(caller.key, limits)
        if bucket:
            await limits.enforce(bucket)
        return caller

    async def find_refused(self, uses: Collection[KeyUse], permission: Permission) -> Mapping[KeyUse, CloseCode]:
        """Return why the sockets of which of these uses must close. `permission`: what their door asks for. One query,
        never from the cache.
        """
        prefixes = list({use.prefix for use in uses})
        found = {key.prefix: (key, owner) for key, owner in await self.keys.find_many_with_owners(prefixes)}
        refused: dict[KeyUse, CloseCode] = {}
        for use in uses:
            key, owner = found.get(use.prefix, (None, None))
            if key is None or owner is None or not _is_admitted(key, owner, use):
                refused[use] = CloseCode.NOT_AUTHENTICATED
            elif not await self._may_enter(key, owner, permission):
                refused[use] = CloseCode.FORBIDDEN
        return refused

    async def _may_enter(self, key: ApiKey, owner: User, permission: Permission) -> bool:
        return permission in key.scopes and permission in await self.catalogue.permissions_of(owner, current_time())


def _is_admitted(key: ApiKey, owner: User, use: KeyUse) -> bool:
    """Whether the key would open the socket again as it stands now."""
    now = current_time()
    return (
        key.is_in_force(owner, now) and key.has_secret(use.secret_hash, now) and key.allows_address(use.client_address)
    )
