"""Authentication by API key: its checksum, its hash, its state and its owner's, the client's network."""

from dataclasses import dataclass
from datetime import datetime

from adapters.crypto.api_keys import ApiKeySecrets
from adapters.mongo.auth.api_keys import ApiKeyStore
from api.access.authentication import Caller
from api.access.known import Known
from api.access.request_limits import RequestLimits
from domain.auth.api_keys import ApiKey, KeyUse
from domain.errors import NotAuthenticated
from domain.rate_limits import Bucket
from domain.users.users import User


@dataclass(frozen=True)
class KeyCaller(Caller):
    """The owner of an API key, who may do here what the key's scopes and their own rights both allow.

    Key and account may be up to ten seconds old.
    """

    key: ApiKey
    use: KeyUse

    @property
    def asker_id(self) -> str:
        """The prefix of the key."""
        return self.key.prefix


@dataclass(frozen=True)
class KeyAuthenticator:
    """Authenticates API keys. All refusals are alike, so that none says what is right about a key."""

    secrets: ApiKeySecrets
    keys: ApiKeyStore
    known: Known[tuple[ApiKey, User]]

    async def authenticate(self, text: str, limits: RequestLimits, now: datetime) -> KeyCaller:
        """Return the caller of a key that is in force, from the cache where possible. The network is not checked.

        Guesses count for the client's network; a typo costs no look-up. Raises NotAuthenticated or RateLimited.
        """
        prefix = self.secrets.prefix_of(text)
        if prefix is None:
            raise NotAuthenticated
        secret_hash = self.secrets.stored_hash(text)
        found = self.known.find(prefix)
        if found is None or not found[0].has_secret(secret_hash, now):
            # A new secret works at once, also where the key is known as it was before its rotation.
            await self._require_few_guesses(limits)
            found = await self._read(prefix)
        key, owner = found or (None, None)
        if key and owner and key.has_secret(secret_hash, now) and key.is_in_force(owner, now):
            return KeyCaller(owner, key, KeyUse(prefix, secret_hash, limits.client_address))
        await limits.enforce(_guesses(limits))
        raise NotAuthenticated

    async def find(self, prefix: str) -> tuple[ApiKey, User] | None:
        """Return a key, in force or not, and its owner, from the cache where possible."""
        return self.known.find(prefix) or await self._read(prefix)

    async def _require_few_guesses(self, limits: RequestLimits) -> None:
        """Raise RateLimited where too many of the network's keys were wrong."""
        if await limits.is_full(_guesses(limits)):
            await limits.enforce(_guesses(limits))

    async def _read(self, prefix: str) -> tuple[ApiKey, User] | None:
        version = self.known.version
        found = await self.keys.find_with_owner(prefix)
        if found:
            self.known.put(prefix, found[1].user_id, found, version)
        return found


def _guesses(limits: RequestLimits) -> Bucket:
    return limits.network_bucket(limits.policies.unknown_keys)


def require_network(caller: KeyCaller) -> None:
    """Raise NotAuthenticated unless the key may be used from the client's address."""
    if not caller.key.allows_address(caller.use.client_address):
        raise NotAuthenticated
