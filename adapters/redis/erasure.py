"""Keys of Redis that name a person. All others hash whom they are about, and die within a day."""

from redis.asyncio import Redis

USER_KEYS = ("user:{}", "user_sockets:{}", "suggestions:{}")
"""A noun with a key that names people adds it here."""


class PersonalKeys:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def erase(self, user_id: str, *, limit: int) -> int:
        """Delete the person's keys; there are never more than a few. Returns how many there were."""
        return int(await self._redis.delete(*(key.format(user_id) for key in USER_KEYS)))
