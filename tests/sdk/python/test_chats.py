"""A client talks with the assistant: text whole through cuts, one turn for a message, named refusals."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from config.rates import Rate
from config.settings import Settings
from decode_client import DecodeClient, DecodeError, Turn
from devstack.stack import Stack
from tests.gateway.serving import serving
from tests.sdk.python.conftest import client_at, lossy_talk
from tests.support.accounts import make_account
from tests.support.api_keys import make_key
from tests.support.people import SignedIn
from tests.support.polling import eventually

COUNTED = " ".join(map(str, range(1, 31)))


async def heard(turn: Turn) -> str:
    return "".join([piece async for piece in turn])


async def test_answer_comes_piece_by_piece_and_ends_with_all_of_it(signed_in: DecodeClient) -> None:
    async with signed_in.chats.talk() as chat:
        turn = await chat.say("count 30")
        pieces = [piece async for piece in turn]
        end = await turn.end()
        history = await chat.history(limit=1)

    assert len(pieces) > 3
    assert "".join(pieces) == end.text == turn.text == COUNTED
    assert (end.state, end.finish_reason, end.usage.completion_tokens) == ("completed", "stop", 30)
    assert [message.content for message in history.messages] == [COUNTED]
    assert history.next_before == 2


async def test_text_is_whole_through_cuts(stack: Stack, someone: SignedIn) -> None:
    async with lossy_talk(stack.url("api"), someone) as (_, network, chat):
        turn = await chat.say("say " + "a\U0001f600é " * 40)
        pieces = []
        async for piece in turn:
            pieces.append(piece)
            if len(pieces) in (2, 5):
                network.cut()
        end = await turn.end()

    assert len(pieces) > 5
    assert "".join(pieces) == end.text == ("a\U0001f600é " * 40).strip()


async def test_message_whose_acceptance_is_lost_is_one_turn(stack: Stack, someone: SignedIn) -> None:
    async with lossy_talk(stack.url("api"), someone) as (beside, network, chat):

        async def is_being_answered() -> bool:
            return len((await beside.chats.list_messages(chat.chat_id)).messages) == 2

        network.is_one_way = True
        saying = asyncio.create_task(chat.say("count 30"))
        await eventually(is_being_answered)
        network.cut()

        assert await heard(await saying) == COUNTED
        assert len((await chat.history()).messages) == 2


async def test_retry_whose_answer_is_lost_is_one_attempt(stack: Stack, someone: SignedIn) -> None:
    async with lossy_talk(stack.url("api"), someone) as (beside, network, chat):
        turn = await chat.say("count 20")
        await chat.stop(turn.turn_id)
        await turn.end()

        async def is_answered_anew() -> bool:
            return (await beside.turns.read_one(turn.turn_id)).state == "completed"

        network.is_one_way = True
        retrying = asyncio.create_task(chat.retry(turn.turn_id))
        await eventually(is_answered_anew)
        network.cut()

        assert await heard(await retrying) == " ".join(map(str, range(1, 21)))
        assert (await beside.turns.read_one(turn.turn_id)).attempt == 2


async def test_answer_that_began_anew_meanwhile_is_given_as_a_whole(stack: Stack, someone: SignedIn) -> None:
    async with (
        lossy_talk(stack.url("api"), someone) as (beside, network, chat),
        beside.chats.talk(chat.chat_id) as there,
    ):
        turn = await chat.say("count 30")
        await anext(aiter(turn))
        network.is_one_way = True
        await there.stop(turn.turn_id)
        await (await there.resume(turn.turn_id)).end()
        await anext(aiter(await there.retry(turn.turn_id)))
        before = turn.text
        network.cut()

        assert await heard(turn) == before + COUNTED
        assert turn.text == COUNTED


async def test_chat_left_amid_an_answer_is_restored_with_the_whole_of_it(signed_in: DecodeClient) -> None:
    async with signed_in.chats.talk() as chat:
        turn = await chat.say("count 30")
        await anext(aiter(turn))

    async with signed_in.chats.talk(chat.chat_id) as again:
        restored = await anext(again.turns())
        assert restored.turn_id == turn.turn_id
        assert await heard(restored) == COUNTED

    with pytest.raises(DecodeError, match="ChatLeft"):
        await turn.end()


async def test_stopped_turn_keeps_what_was_said_and_is_answered_anew(signed_in: DecodeClient) -> None:
    async with signed_in.chats.talk() as chat:
        turn = await chat.say("count 30")
        await anext(aiter(turn))
        await chat.stop(turn.turn_id)
        end = await turn.end()
        again = await chat.retry(turn.turn_id)
        answer = await again.end()
        with pytest.raises(DecodeError, match="TurnClosed"):
            await chat.stop(turn.turn_id)

    assert (end.state, end.text) == ("stopped", turn.text)
    assert end.text
    assert answer.text == again.text == COUNTED


async def test_failed_turn_is_named(signed_in: DecodeClient) -> None:
    async with signed_in.chats.talk() as chat:
        turn = await chat.say("fail")
        with pytest.raises(DecodeError, match="ModelUnavailable"):
            await heard(turn)


async def test_longest_message_is_taken_and_a_longer_one_named(signed_in: DecodeClient) -> None:
    longest = "say " + "\U0001f600" * 15_996
    async with signed_in.chats.talk() as chat:
        end = await (await chat.say(longest)).end()
        for too_long in (longest + "a", "\x01" * 16_000):
            with pytest.raises(DecodeError, match="InvalidInput"):
                await chat.say(too_long)

    assert end.text == longest.removeprefix("say ")


async def test_messages_and_calls_over_the_limit_are_named_with_their_wait(
    settings: Settings, someone: SignedIn
) -> None:
    async with (
        serving(settings, rate_limits="on", limit_chat=Rate(1, 60), limit_tools=Rate(1, 60)) as url,
        client_at(url, someone) as decode,
        decode.chats.talk() as chat,
    ):
        await (await chat.say("say one")).end()
        await chat.call_tool("echo", {"text": "one"})
        with pytest.raises(DecodeError, match="RateLimited"):
            await chat.call_tool("echo", {"text": "two"})
        with pytest.raises(DecodeError, match="RateLimited") as refused:
            await chat.say("say two")

    assert refused.value.status == 429
    assert 0 < (refused.value.retry_after or 0) <= 60


@pytest.mark.parametrize(("chat_id", "error"), [("0" * 24, "ChatNotFound"), ("of no chat", "InvalidInput")])
async def test_chat_that_never_was_is_named(signed_in: DecodeClient, chat_id: str, error: str) -> None:
    with pytest.raises(DecodeError, match=error):
        async with signed_in.chats.talk(chat_id):
            pass


async def test_ended_chat_is_named(signed_in: DecodeClient, resources: Resources) -> None:
    async with signed_in.chats.talk() as chat:
        turn = await chat.say("count 1000")
        await signed_in.chats.delete(chat.chat_id)
        with pytest.raises(DecodeError, match="ChatNotFound"):
            await turn.end()
        with pytest.raises(DecodeError, match="ChatNotFound"):
            await chat.say("hello")
    kept = await signed_in.chats.create()
    past = {"$set": {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}}
    await resources.clients.database["chats"].update_one({"_id": ObjectId(kept.chat_id)}, past)

    with pytest.raises(DecodeError, match="ChatExpired"):
        async with signed_in.chats.talk(kept.chat_id):
            pass


async def test_end_of_the_session_ends_the_chat(signed_in: DecodeClient) -> None:
    async with signed_in.chats.talk() as chat:
        turn = await chat.say("count 1000")
        await signed_in.sign_out()

        with pytest.raises(DecodeError, match="SessionEnded") as ended:
            await turn.end()

    assert ended.value.status == 4409


async def test_api_key_talks_without_a_session(api: httpx.AsyncClient, stack: Stack, resources: Resources) -> None:
    _, secret = await make_key(api, await make_account(resources), ["assistant:read", "assistant:write"])

    async with DecodeClient(stack.url("api"), api_key=secret) as decode, decode.chats.talk() as chat:
        assert (await (await chat.say("say hello")).end()).text == "hello"
        with pytest.raises(DecodeError, match="KeyNotAllowed"):
            await chat.answer_approval("call-0001", "once")
