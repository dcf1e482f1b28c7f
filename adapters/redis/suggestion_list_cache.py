"""The suggestions that a user pages through: `suggestions:{user_id}`, a list whose first entry is its version."""

from redis.asyncio import Redis

from domain.social.suggestions import LIST_TTL, ScoredUser, SuggestionList


class SuggestionListCache:
    """Caches one list of suggestions per user, for LIST_TTL (15 minutes). Raises the driver's errors."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def find(self, user_id: str) -> SuggestionList | None:
        """Return the user's cached list; None when there is none or it has expired."""
        entries = await self._redis.lrange(_key(user_id), 0, -1)
        if not entries:
            return None
        version, *scored_users = map(str, entries)
        return SuggestionList(version, [_parse_scored_user(text) for text in scored_users])

    async def put(self, user_id: str, suggestions: SuggestionList) -> None:
        """Replace the user's cached list."""
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.delete(_key(user_id))
            pipeline.rpush(
                _key(user_id), suggestions.version, *(f"{user.user_id} {user.score}" for user in suggestions.people)
            )
            pipeline.expire(_key(user_id), LIST_TTL)
            await pipeline.execute()


def _key(user_id: str) -> str:
    return f"suggestions:{user_id}"


def _parse_scored_user(text: str) -> ScoredUser:
    user_id, _, score = text.partition(" ")
    return ScoredUser(user_id, float(score))
