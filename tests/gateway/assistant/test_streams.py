"""Answers on a socket come in chunks, without gap or repeat, to every socket of the chat and from any position."""

import asyncio
import secrets
from collections.abc import Sequence

import httpx
import pytest
from pymongo.errors import AutoReconnect

from adapters.mongo.assistant.turns import TurnStore
from api.assistant.gateway import periodic_checks
from domain.assistant.turns import Turn
from tests.support.chat_client import chatting
from tests.support.chats import TURNS, closed, read_turn, said
from tests.support.envelope import data
from tests.support.people import SignedIn

COUNTED = " ".join(map(str, range(1, 31)))


async def test_message_is_accepted_and_answered_in_chunks(url: str, someone: SignedIn) -> None:
    async with chatting(someone, url) as client:
        await client.socket.send("user_message_stream", text="count 30")
        accepted = await client.socket.receive("message_accepted")
        started = await client.socket.receive("stream_start")
        heard = await client.hear(accepted["turn_id"])

    assert (accepted["seq"], accepted["ahead"]) == (1, 0)
    assert (started["attempt"], started["model"]) == (1, "mock")
    assert heard.chunks > 3
    assert heard.end is not None
    assert heard.text == heard.end["fullResponse"] == COUNTED
    assert (heard.end["state"], heard.end["model"], heard.end["finish_reason"]) == ("completed", "mock", "stop")


async def test_unstreamed_message_is_answered_as_a_whole(url: str, someone: SignedIn) -> None:
    async with chatting(someone, url) as client:
        await client.socket.send("user_message", text="say good morning")
        await client.socket.receive("message_accepted")
        event, response = await client.socket.receive_any()

    assert (event, response["text"]) == ("assistant_response", "good morning")


async def test_all_sockets_of_a_chat_hear_the_same_at_both_instances(
    url: str, other_url: str, someone: SignedIn
) -> None:
    async with chatting(someone, url) as here, chatting(someone, other_url, here.chat_id) as there:
        turn_id = await here.say("count 30")
        heard = await asyncio.gather(here.hear(turn_id), there.hear(turn_id))

    assert [each.text for each in heard] == [COUNTED] * 2
    assert [each.end and each.end["state"] for each in heard] == ["completed"] * 2


async def test_restored_chat_says_what_is_open_and_tells_what_comes(url: str, someone: SignedIn) -> None:
    async with chatting(someone, url) as first:
        turn_id = await first.say("count 30")
        await first.hear(turn_id, until_chunks=1)
        async with chatting(someone, url, first.chat_id) as second:
            (open_turn,) = second.greeting["openTurns"]
            rest = await second.hear(turn_id)

    assert (open_turn["turn_id"], open_turn["state"]) == (turn_id, "running")
    assert rest.text == COUNTED.encode()[open_turn["offset"] :].decode()


async def test_position_of_an_earlier_attempt_is_none_of_the_next(
    url: str, api: httpx.AsyncClient, someone: SignedIn
) -> None:
    async with chatting(someone, url) as client:
        turn_id = await client.say("count 30")
        before = (await client.hear(turn_id, until_chunks=2)).offsets[0]
    for wanted in ("stop", "retry"):
        data(await api.post(f"{TURNS}/{turn_id}/{wanted}", headers=someone.bearer))
        await closed(api, someone, turn_id)

    async with chatting(someone, url, client.chat_id) as again:
        await again.resume(turn_id, 0, before)
        anew = await again.hear(turn_id)
        await again.resume(turn_id, 0, before, attempt=2)
        rest = await again.hear(turn_id)
    polled = await read_turn(api, someone, turn_id, offset=before)
    polled_rest = await read_turn(api, someone, turn_id, offset=before, attempt=2)

    assert before > 0
    assert [anew.text, said(polled)] == [COUNTED] * 2
    assert [rest.text, said(polled_rest)] == [COUNTED[before:]] * 2


@pytest.mark.parametrize("text", ["a\U0001f600b\U0001f468\u200d\U0001f469é c"], ids=["emoji"])
async def test_resume_at_every_offset_gives_the_rest(
    url: str, api: httpx.AsyncClient, someone: SignedIn, text: str
) -> None:
    async with chatting(someone, url) as client:
        turn_id = await client.say(f"say {text}")
        whole = (await client.hear(turn_id)).text
        offsets = [len(whole[:cut].encode()) for cut in range(len(whole))]
        rests = []
        for offset in offsets:
            await client.resume(turn_id, 0, offset)
            rests.append((await client.hear(turn_id)).text)

    assert whole == text
    assert rests == [whole[cut:] for cut in range(len(whole))]


async def test_same_message_from_two_sockets_is_one_turn(url: str, someone: SignedIn) -> None:
    message_id = secrets.token_hex(8)
    async with chatting(someone, url) as first, chatting(someone, url, first.chat_id) as second:
        turns = await asyncio.gather(*(each.say("say once", message_id=message_id) for each in (first, second)))
        heard = await asyncio.gather(*(each.hear(turns[0]) for each in (first, second)))

    assert turns[0] == turns[1]
    assert [each.text for each in heard] == ["once"] * 2


async def test_turn_that_is_stopped_before_a_model_was_asked_is_told(url: str, someone: SignedIn) -> None:
    async with chatting(someone, url) as client:
        await client.say("count 2000")
        waiting = await client.say("hello")
        await client.socket.send("stop_turn", turn_id=waiting)
        heard = await client.hear(waiting)

    assert heard.end is not None
    assert (heard.end["state"], heard.text) == ("stopped", "")


async def test_failed_turn_ends_with_its_name_and_is_answered_anew(url: str, someone: SignedIn) -> None:
    async with chatting(someone, url) as client:
        turn_id = await client.say("fail")
        failed = await client.hear(turn_id)
        client.turns.clear()
        await client.socket.send("retry_turn", turn_id=turn_id)
        started = await client.socket.receive("stream_start")

    assert failed.end is not None
    assert (failed.end["error"], failed.end["turn_id"]) == ("ModelUnavailable", turn_id)
    assert started["attempt"] == 2


async def test_end_of_an_answer_is_told_though_reading_it_has_failed(
    other_url: str, someone: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_many, failures = TurnStore.find_many, [AutoReconnect("away")]

    async def fails_once(store: TurnStore, turn_ids: Sequence[str]) -> Sequence[Turn]:
        turns = await find_many(store, turn_ids)
        if failures and not all(turn.state.is_open for turn in turns):
            raise failures.pop()
        return turns

    monkeypatch.setattr(periodic_checks, "SILENCE_SECONDS", 60)
    monkeypatch.setattr(TurnStore, "find_many", fails_once)
    async with chatting(someone, other_url) as client:
        heard = await client.hear(await client.say("say aloud"), within=10)

    assert (heard.text, failures) == ("aloud", [])


async def test_message_over_http_is_heard_on_the_socket(url: str, api: httpx.AsyncClient, someone: SignedIn) -> None:
    async with chatting(someone, url) as client:
        place = f"/assistant/chats/{client.chat_id}/messages"
        sent = data(await api.post(place, json={"text": "say aloud"}, headers=someone.bearer))
        heard = await client.hear(sent["turn"]["turn_id"])

    assert heard.text == "aloud"
