"""Redis keys that contain a user id. All other keys hash their subject and expire within a day."""

from redis.asyncio import Redis

USER_KEYS = ("user:{}", "user_sockets:{}", "assistant_sockets:{}", "suggestions:{}")
"""Templates of the keys; `{}` is the user id. A noun with a key that contains user ids adds it here."""


class PersonalKeys:
    """Deletes a user's keys on erasure. Raises the driver's errors."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def erase(self, user_id: str, *, limit: int) -> int:
        """Delete the user's keys and return how many existed. `limit` is not needed: there are at most four."""
        return int(await self._redis.delete(*(key.format(user_id) for key in USER_KEYS)))
