"""Texts of answers in Redis: appended once each, announced, refused to older writers; without Redis it is said so."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from redis.asyncio.client import Pipeline, PubSub

from adapters.redis import outage
from adapters.redis.client import open_redis
from adapters.redis.turn_texts import TEXT_TTL, ChatEvent, TextGrown, TurnChanged, TurnTexts, chat_channel, parse_change
from adapters.resources import Resources
from domain.assistant.writing import Appended, TextAppend, TextPlace

NOTHING_LISTENS = "redis://127.0.0.1:1/0"
SECONDS = 10.0


@pytest.fixture
def texts(resources: Resources) -> TurnTexts:
    """Of the test's own: one that has seen an outage asks no more for a moment."""
    return TurnTexts(resources.clients.redis)


@pytest.fixture
async def lonely() -> AsyncIterator[TurnTexts]:
    """Without a Redis."""
    redis = open_redis(NOTHING_LISTENS)
    yield TurnTexts(redis)
    await redis.aclose()


@pytest.fixture
def place() -> TextPlace:
    return TextPlace(secrets.token_hex(12), secrets.token_hex(12), 1, 0)


@pytest.fixture
async def channel(resources: Resources, place: TextPlace) -> AsyncIterator[PubSub]:
    """What is announced of the chat."""
    async with resources.clients.redis.pubsub(ignore_subscribe_messages=True) as channel:
        await channel.subscribe(chat_channel(place.chat_id))
        await channel.get_message(timeout=SECONDS)
        yield channel


async def next_change(channel: PubSub) -> ChatEvent:
    message = await channel.get_message(ignore_subscribe_messages=True, timeout=SECONDS)
    assert message
    return parse_change(message["channel"], message["data"])


def piece(place: TextPlace, text: str, offset: int = 0, writer: int = 1, *, is_whole: bool = False) -> TextAppend:
    return TextAppend(place, writer, offset, text, is_whole)


async def test_pieces_are_one_text_and_each_is_announced(texts: TurnTexts, place: TextPlace, channel: PubSub) -> None:
    appended = [await texts.append(piece(place, "Gr😀")), await texts.append(piece(place, "üß", 6))]

    assert appended == [Appended.DONE, Appended.DONE]
    assert await texts.read(place) == "Gr😀üß"
    assert [await next_change(channel) for _ in range(2)] == [TextGrown(place, 6), TextGrown(place, 10)]


async def test_text_that_redis_has_lost_is_written_whole(
    texts: TurnTexts, place: TextPlace, channel: PubSub, resources: Resources
) -> None:
    await texts.append(piece(place, "one "))
    await resources.clients.redis.delete(f"turn_text:{place.turn_id}:1:0")

    lost = await texts.append(piece(place, "two", 4))
    whole = await texts.append(piece(place, "one two", 4, is_whole=True))

    assert (lost, whole, await texts.read(place)) == (Appended.LOST, Appended.DONE, "one two")
    assert [await next_change(channel) for _ in range(2)] == [TextGrown(place, 4), TextGrown(place, 7)]


async def test_piece_that_comes_twice_is_no_second_one(texts: TurnTexts, place: TextPlace) -> None:
    appended = [await texts.append(piece(place, "one")) for _ in range(2)]

    assert appended == [Appended.DONE, Appended.LOST]
    assert await texts.read(place) == "one"


async def test_older_writer_is_refused(texts: TurnTexts, place: TextPlace, channel: PubSub) -> None:
    await texts.append(piece(place, "new", writer=2))
    await next_change(channel)

    refused = [await texts.append(piece(place, "old", 3)), await texts.append(piece(place, "old", 0, is_whole=True))]
    await texts.append(piece(place, "er", 3, writer=2))

    assert refused == [Appended.REFUSED, Appended.REFUSED]
    assert await texts.read(place) == "newer"
    assert await next_change(channel) == TextGrown(place, 5)


async def test_writer_that_takes_the_text_has_all_of_it_and_older_ones_are_refused(
    texts: TurnTexts, place: TextPlace, resources: Resources
) -> None:
    await texts.append(piece(place, "one"))
    await resources.clients.redis.script_flush()

    taken = [await texts.take(place, 2), await texts.take(place, 1)]
    appended = [await texts.append(piece(place, "old", 3)), await texts.append(piece(place, " two", 3, writer=2))]

    assert (taken, appended) == (["one", "one"], [Appended.REFUSED, Appended.DONE])
    assert await texts.read(place) == "one two"


async def test_text_that_redis_does_not_have_is_taken_empty(texts: TurnTexts, place: TextPlace) -> None:
    assert await texts.take(place, 1) == ""


async def test_who_speaks_is_told_to_stop_and_what_was_said_is_there(texts: TurnTexts, place: TextPlace) -> None:
    before = await texts.look_for_stop(place.turn_id, place.attempt)
    await texts.ask_to_stop(place.turn_id, place.attempt)

    silent, speaking = await texts.look_for_stop(place.turn_id, place.attempt), await texts.append(piece(place, "one"))

    assert (before, silent, speaking) == (Appended.DONE, Appended.STOPPED, Appended.STOPPED)
    assert await texts.read(place) == "one"


async def test_other_attempt_has_its_own_text_writer_and_stop(texts: TurnTexts, place: TextPlace) -> None:
    await texts.append(piece(place, "first", writer=7))
    await texts.ask_to_stop(place.turn_id, 1)
    second = replace(place, attempt=2)

    assert await texts.append(piece(second, "anew")) is Appended.DONE
    assert (await texts.read(place), await texts.read(second)) == ("first", "anew")


async def test_parts_are_apart(texts: TurnTexts, place: TextPlace) -> None:
    await texts.append(piece(place, "first"))
    await texts.append(piece(replace(place, part=1), "second"))
    await texts.drop(place)

    assert (await texts.read(place), await texts.read(replace(place, part=1))) == ("", "second")


async def test_nothing_stays_in_redis(texts: TurnTexts, place: TextPlace, resources: Resources) -> None:
    redis = resources.clients.redis
    await texts.append(piece(place, "one"))
    await texts.append(piece(place, " two", 3))
    await texts.take(place, 2)
    await texts.ask_to_stop(place.turn_id, place.attempt)

    keys = [key async for key in redis.scan_iter(f"turn_*{place.turn_id}*")]
    lives = [await redis.ttl(key) for key in keys]

    most = TEXT_TTL.total_seconds()
    assert len(keys) == 3
    assert [life for life in lives if not most - 60 < life <= most] == []


async def test_redis_that_has_lost_the_script_appends(texts: TurnTexts, place: TextPlace, resources: Resources) -> None:
    await resources.clients.redis.script_flush()

    assert await texts.append(piece(place, "one")) is Appended.DONE
    assert await texts.read(place) == "one"


async def test_pieces_of_turns_that_come_together_take_one_round_trip(
    texts: TurnTexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    execute = Pipeline.execute

    async def counted(pipeline: Pipeline) -> list[object]:
        sizes.append(len(pipeline))
        return await execute(pipeline)

    monkeypatch.setattr(Pipeline, "execute", counted)
    places = [TextPlace("a chat", secrets.token_hex(12), 1, 0) for _ in range(9)]

    appended = await asyncio.gather(*(texts.append(piece(place, "word")) for place in places))

    assert (appended, sizes) == ([Appended.DONE] * 9, [9])


async def test_change_of_a_turn_is_announced(texts: TurnTexts, place: TextPlace, channel: PubSub) -> None:
    await texts.publish_changed(place.chat_id, place.turn_id)

    assert await next_change(channel) == TurnChanged(place.chat_id, place.turn_id)


@pytest.mark.parametrize("data", ["", "a turn", "a turn|1|2", "a turn|1|2|3|4", "a turn|1|2|three", "a turn|gone"])
def test_other_message_is_no_change(data: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_change("chat:a", data)


async def test_without_redis_all_goes_on_and_no_text_is_read(
    lonely: TurnTexts, place: TextPlace, caplog: pytest.LogCaptureFixture
) -> None:
    appended = await asyncio.gather(*(lonely.append(piece(place, "one")) for _ in range(3)))
    looked = await lonely.look_for_stop(place.turn_id, place.attempt)
    await lonely.ask_to_stop(place.turn_id, place.attempt)
    await lonely.publish_changed(place.chat_id, place.turn_id)
    await lonely.drop(place)

    assert (appended, looked) == ([Appended.AWAY] * 3, Appended.AWAY)
    assert [await lonely.read(place), await lonely.take(place, 1)] == ["", ""]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


@pytest.mark.parametrize(("pause", "asked"), [(3600.0, 1), (0.0, 3)])
async def test_redis_that_is_away_is_asked_again_after_a_pause(
    resources: Resources, place: TextPlace, monkeypatch: pytest.MonkeyPatch, pause: float, asked: int
) -> None:
    monkeypatch.setattr(outage, "RETRY_SECONDS", pause)
    texts, tried = TurnTexts(resources.clients.redis), list[int]()

    async def fail(pipeline: Pipeline) -> list[object]:
        tried.append(len(pipeline))
        raise ConnectionError

    with monkeypatch.context() as failing:
        failing.setattr(Pipeline, "execute", fail)
        during = [await texts.append(piece(place, "one")) for _ in range(3)]
    after = await texts.append(piece(place, "one"))

    assert (during, len(tried)) == ([Appended.AWAY] * 3, asked)
    assert (after is Appended.DONE) is (pause == 0)
