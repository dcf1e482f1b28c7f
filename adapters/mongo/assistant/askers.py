"""Who asks the assistant: a session or an API key, until it ends."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.mongo.auth.api_keys import ApiKeyStore
from adapters.mongo.auth.sessions import SessionStore
from domain.auth.key_format import is_key


@dataclass(frozen=True)
class Asker:
    """`scopes`: of an API key, None for a session."""

    scopes: Collection[str] | None = None


class AskerStore:
    """Finds those who have asked, by the ids of sessions and the prefixes of API keys."""

    def __init__(self, sessions: SessionStore, keys: ApiKeyStore) -> None:
        self._sessions = sessions
        self._keys = keys

    async def find(self, asker_id: str | None, now: datetime) -> Asker | None:
        """Return who has asked; None once the session has ended, or the key is no longer in force. Without an id it is
        one that never ends.
        """
        return (await self.find_many([asker_id], now)).get(asker_id) if asker_id else Asker()

    async def find_many(self, asker_ids: Sequence[str], now: datetime) -> Mapping[str, Asker]:
        """Return by id those that have not ended. One query for each kind."""
        prefixes = [each for each in asker_ids if is_key(each)]
        found = await self._keys.find_many_with_owners(prefixes) if prefixes else []
        keys = {key.prefix: Asker(key.scopes) for key, owner in found if key.is_in_force(owner, now)}
        sessions = await self._sessions.filter_active([each for each in asker_ids if not is_key(each)], now)
        return keys | dict.fromkeys(sessions, Asker())
