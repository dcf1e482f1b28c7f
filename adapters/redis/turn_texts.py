"""The text of answers while they are being said: a key for each part, gone soon after; MongoDB has the truth.

Each piece of text is appended and announced by one script, which also says whether the user asked to stop. Scripts
of turns that speak at the same time are one round trip.
"""

import logging
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from adapters.batching import Batches
from adapters.redis.outage import RedisOutage
from domain.assistant.writing import Appended, TextAppend, TextPlace

TEXT_TTL = timedelta(minutes=5)
TTL_SECONDS = int(TEXT_TTL.total_seconds())
CHANNEL = "chat:"
CHANGED = "changed"

# KEYS: the text, the writer, the stop flag. ARGV: this writer, the length before, the new text, whether that is the
# whole text, the channel, the message, the TTL in seconds.
APPEND = """
local newest = tonumber(redis.call('GET', KEYS[2]) or '0')
if tonumber(ARGV[1]) < newest then return 2 end
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[7])
if ARGV[4] == '1' then
  redis.call('SET', KEYS[1], ARGV[3], 'EX', ARGV[7])
elseif redis.call('STRLEN', KEYS[1]) ~= tonumber(ARGV[2]) then
  return 3
else
  redis.call('APPEND', KEYS[1], ARGV[3])
  redis.call('EXPIRE', KEYS[1], ARGV[7])
end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return redis.call('EXISTS', KEYS[3])
"""

# KEYS: the text, the writer. ARGV: this writer, the TTL in seconds.
TAKE = """
if tonumber(ARGV[1]) > tonumber(redis.call('GET', KEYS[2]) or '0') then
  redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
end
return redis.call('GET', KEYS[1])
"""

Reply = TypeVar("Reply")

logger = logging.getLogger("decode.assistant")


@dataclass(frozen=True)
class TextGrown:
    """The text of a part has this length now, in bytes."""

    place: TextPlace
    length: int


@dataclass(frozen=True)
class TurnChanged:
    """A turn has changed in MongoDB."""

    chat_id: str
    turn_id: str


@dataclass(frozen=True)
class ChatChanged:
    """A chat has changed in MongoDB: it may have ended, or be open again."""

    chat_id: str


ChatEvent = TextGrown | TurnChanged | ChatChanged


class TurnTexts:
    """Writes and reads the texts of answers, and asks those who write them to stop.

    Never raises for Redis: MongoDB has the truth, and while Redis is away all goes on by that.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._append = redis.register_script(APPEND)
        self._take = redis.register_script(TAKE)
        self._appends = Batches(self._append_all)
        self._outage = RedisOutage()

    async def append(self, piece: TextAppend) -> Appended:
        """Append a piece and announce the new length."""
        return await self._appends.run(piece)

    async def take(self, place: TextPlace, writer: int) -> str:
        """Return the text of a part, to which no older writer appends from here on; empty as that of `read`."""
        text_key, writer_key, _ = _keys(place)
        return str(await self._try(self._take(keys=[text_key, writer_key], args=[writer, TTL_SECONDS])) or "")

    async def read(self, place: TextPlace) -> str:
        """Return the text of a part; empty when Redis has none, or is away."""
        return str(await self._try(self._redis.get(_text_key(place))) or "")

    async def read_from(self, ranges: Sequence[tuple[TextPlace, int]]) -> Sequence[str]:
        """Return the text of each part from an offset on, which is no half of a character, in one round trip; empty
        where Redis has no more, or is away.
        """
        pipeline = self._redis.pipeline(transaction=False)
        for place, offset in ranges:
            pipeline.getrange(_text_key(place), offset, -1)
        return await self._try(pipeline.execute()) or [""] * len(ranges)

    async def drop(self, place: TextPlace) -> None:
        """Drop the text of a part, which MongoDB has by now."""
        await self._try(self._redis.delete(_text_key(place)))

    async def ask_to_stop(self, turn_id: str, attempt: int) -> None:
        """Ask who speaks to stop with the next piece. What MongoDB says counts: this only hurries."""
        await self._try(self._redis.set(_stop_key(turn_id, attempt), 1, ex=TTL_SECONDS))

    async def look_for_stop(self, turn_id: str, attempt: int) -> Appended:
        """Return whether `ask_to_stop` was called, for who has nothing to append: DONE, STOPPED or AWAY."""
        if self._outage.is_under_way():
            return Appended.AWAY
        asked = await self._try(self._redis.exists(_stop_key(turn_id, attempt)))
        return Appended.AWAY if asked is None else Appended(int(bool(asked)))

    async def publish_changed(self, chat_id: str, turn_id: str) -> None:
        """Tell the gateways that the turn has changed in MongoDB. They look by themselves too."""
        await self._try(self._redis.publish(chat_channel(chat_id), f"{turn_id}|{CHANGED}"))

    async def publish_chat_changed(self, chat_id: str) -> None:
        """Tell the gateways that the chat has changed in MongoDB. They look by themselves too."""
        await self._try(self._redis.publish(chat_channel(chat_id), CHANGED))

    async def _try(self, command: Awaitable[Reply]) -> Reply | None:
        """Return the reply, or None while Redis is away."""
        try:
            return await command
        except (RedisError, OSError) as error:
            self._record_away(error)
            return None

    async def _append_all(self, pieces: Sequence[TextAppend]) -> Sequence[Appended]:
        if self._outage.is_under_way():
            return [Appended.AWAY] * len(pieces)
        try:
            return await self._run(pieces)
        except (RedisError, OSError) as error:
            self._record_away(error)
            return [Appended.AWAY] * len(pieces)

    def _record_away(self, error: Exception) -> None:
        facts = {"dependency": "redis", "error": type(error).__name__}
        logger.warning("redis is away, answers are read from mongo", extra=facts)
        self._outage.record()

    async def _run(self, pieces: Sequence[TextAppend]) -> Sequence[Appended]:
        try:
            return await self._round_trip(pieces)
        except NoScriptError:
            await self._redis.script_load(APPEND)
            return await self._round_trip(pieces)

    async def _round_trip(self, pieces: Sequence[TextAppend]) -> Sequence[Appended]:
        pipeline = self._redis.pipeline(transaction=False)
        for piece in pieces:
            keys = _keys(piece.place)
            pipeline.evalsha(self._append.sha, len(keys), *keys, *_arguments(piece))
        return [Appended(row) for row in await pipeline.execute()]


def chat_channel(chat_id: str) -> str:
    """Return the channel on which the turns of a chat are announced."""
    return f"{CHANNEL}{chat_id}"


def parse_change(channel: str, data: str) -> ChatEvent:
    """Return what a message on the channel of a chat says. Raises ValueError for another."""
    chat_id = channel.removeprefix(CHANNEL)
    if data == CHANGED:
        return ChatChanged(chat_id)
    turn_id, *numbers = data.split("|")
    if numbers == [CHANGED]:
        return TurnChanged(chat_id, turn_id)
    attempt, part, length = map(int, numbers)
    return TextGrown(TextPlace(chat_id, turn_id, attempt, part), length)


def _arguments(piece: TextAppend) -> Sequence[str | int]:
    place, size = piece.place, len(piece.text.encode())
    length = size if piece.is_whole else piece.offset + size
    message = f"{place.turn_id}|{place.attempt}|{place.part}|{length}"
    is_whole = int(piece.is_whole)
    return (piece.writer, piece.offset, piece.text, is_whole, chat_channel(place.chat_id), message, TTL_SECONDS)


def _keys(place: TextPlace) -> Sequence[str]:
    writer_key = f"turn_writer:{place.turn_id}:{place.attempt}"
    return _text_key(place), writer_key, _stop_key(place.turn_id, place.attempt)


def _text_key(place: TextPlace) -> str:
    return f"turn_text:{place.turn_id}:{place.attempt}:{place.part}"


def _stop_key(turn_id: str, attempt: int) -> str:
    return f"turn_stop:{turn_id}:{attempt}"
