"""The run of suggestions that somebody pages through: `suggestions:{user_id}`, a list that begins with its version."""

from redis.asyncio import Redis

from domain.social.suggestions import LIST_TTL, ScoredUser, SuggestionList


class SuggestionListCache:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def find(self, user_id: str) -> SuggestionList | None:
        """None: there is none (any more). Raises the driver's errors while Redis is away."""
        found = await self._redis.lrange(_key(user_id), 0, -1)
        if not found:
            return None
        version, *people = map(str, found)
        return SuggestionList(version, [_parse_scored_user(person) for person in people])

    async def put(self, user_id: str, suggestions: SuggestionList) -> None:
        """In the place of the run before it, for a quarter of an hour."""
        async with self._redis.pipeline(transaction=True) as together:
            together.delete(_key(user_id))
            together.rpush(
                _key(user_id), suggestions.version, *(f"{each.user_id} {each.score}" for each in suggestions.people)
            )
            together.expire(_key(user_id), LIST_TTL)
            await together.execute()


def _key(user_id: str) -> str:
    return f"suggestions:{user_id}"


def _parse_scored_user(written: str) -> ScoredUser:
    user_id, _, score = written.partition(" ")
    return ScoredUser(user_id, float(score))
