"""Answers of models in Redis, sealed, for an hour."""

import base64
import logging

from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.crypto.field_cipher import DecryptionFailed, Encrypted, FieldCipher
from adapters.crypto.keys import UnknownKey

TTL_SECONDS = 3600

logger = logging.getLogger("decode.models")


class AnswerCache:
    """Keeps answers by key. While Redis is away there are none."""

    def __init__(self, redis: Redis, cipher: FieldCipher) -> None:
        self._redis = redis
        self._cipher = cipher

    async def find(self, key: str) -> str | None:
        """Return the answer that is kept; None without one that can be opened."""
        try:
            stored = await self._redis.get(_name(key))
            return self._open(key, str(stored)) if stored else None
        except (RedisError, OSError, UnknownKey, DecryptionFailed, ValueError) as error:
            logger.warning("an answer could not be read", extra={"error": type(error).__name__})
            return None

    async def keep(self, key: str, answer: str) -> None:
        """Keep an answer for an hour."""
        sealed = self._cipher.encrypt(answer.encode(), context=_name(key))
        stored = f"{sealed.key_id}|{base64.b64encode(sealed.data).decode()}"
        try:
            await self._redis.set(_name(key), stored, ex=TTL_SECONDS)
        except (RedisError, OSError) as error:
            logger.warning("an answer could not be kept", extra={"error": type(error).__name__})

    def _open(self, key: str, stored: str) -> str:
        key_id, data = stored.split("|")
        return self._cipher.decrypt(Encrypted(key_id, base64.b64decode(data)), context=_name(key)).decode()


def _name(key: str) -> str:
    return f"chat_cache:{key}"
