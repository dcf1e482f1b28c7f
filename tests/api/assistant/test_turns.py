"""Turns over HTTP: every message is answered once, in order; read from any position, stopped, answered anew."""

import asyncio
import secrets

import httpx

from tests.support.chats import (
    CHATS,
    TURNS,
    accepted,
    answered,
    closed,
    new_chat,
    read_turn,
    said,
    send,
    speaking,
)
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn

SLOW = "count 60"
"""Takes three and a half seconds."""


def counted(number: int) -> str:
    return " ".join(map(str, range(1, number + 1)))


async def test_message_is_answered_in_the_request(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)

    sent = data(await send(api, someone, chat_id, "say good morning"))

    assert (sent["ahead"], sent["turn"]["state"], sent["turn"]["finish_reason"]) == (0, "completed", "stop")
    assert said(sent["turn"]) == "good morning"


async def test_long_answer_is_accepted_and_ends_whole(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)

    turn = await closed(api, someone, (await accepted(api, someone, chat_id, SLOW))["turn_id"])

    assert (turn["state"], said(turn)) == ("completed", counted(60))


async def test_answer_is_read_while_it_is_being_said(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)
    turn_id = (await accepted(api, someone, chat_id, SLOW))["turn_id"]

    begun = await speaking(api, someone, turn_id)
    await closed(api, someone, turn_id)
    rest = await read_turn(api, someone, turn_id, part=0, offset=begun["parts"][0]["next_offset"])

    assert begun["state"] == "running"
    assert said(begun) + said(rest) == counted(60)


async def test_same_key_is_the_same_turn(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id, key = await new_chat(api, someone), secrets.token_hex(8)

    both = await asyncio.gather(*(send(api, someone, chat_id, "say once", key) for _ in range(2)))

    assert len({data(each)["turn"]["turn_id"] for each in both}) == 1
    assert data(await api.get(f"{CHATS}/{chat_id}", headers=someone.bearer))["message_count"] == 2


async def test_same_key_for_another_text_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id, key = await new_chat(api, someone), secrets.token_hex(8)
    await send(api, someone, chat_id, "say once", key)

    assert refusal(await send(api, someone, chat_id, "say twice", key)) == (409, "IdempotencyKeyReused")


async def test_messages_are_answered_in_order(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)
    first = await accepted(api, someone, chat_id, "count 80")

    second = data(await send(api, someone, chat_id, "say second"), 202)
    ended = [await closed(api, someone, turn["turn_id"]) for turn in (first, second["turn"])]

    assert second["ahead"] == 1
    assert ended[0]["ended_at"] < ended[1]["ended_at"]
    assert said(ended[1]) == "second"


async def test_message_that_is_not_to_wait_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)
    await accepted(api, someone, chat_id, SLOW)

    assert refusal(await send(api, someone, chat_id, "hello", mode="reject")) == (409, "TurnRunning")


async def test_message_that_interrupts_stops_the_others(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)
    sent = await asyncio.gather(*(send(api, someone, chat_id, "count 2000") for _ in range(4)))

    last = (await send(api, someone, chat_id, "say now", mode="interrupt")).json()["data"]["turn"]
    others = [data(each, 202)["turn"] for each in sent]
    ended = [await closed(api, someone, turn["turn_id"]) for turn in (*others, last)]

    assert [turn["state"] for turn in ended] == [*["stopped"] * 4, "completed"]
    assert said(ended[-1]) == "now"


async def test_fourth_message_that_waits_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)

    sent = await asyncio.gather(*(send(api, someone, chat_id, "count 500") for _ in range(5)))

    assert sorted(each.status_code for each in sent) == [202, 202, 202, 202, 409]
    assert refusal(await send(api, someone, chat_id, "hello")) == (409, "TooManyTurns")


async def test_stopped_turn_keeps_what_was_said(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)
    turn_id = (await accepted(api, someone, chat_id, "count 2000"))["turn_id"]
    begun = await speaking(api, someone, turn_id)

    data(await api.post(f"{TURNS}/{turn_id}/stop", headers=someone.bearer))
    turn = await closed(api, someone, turn_id)

    assert (turn["state"], turn["finish_reason"]) == ("stopped", "stopped")
    assert said(turn).startswith(said(begun))
    assert data(await api.post(f"{TURNS}/{turn_id}/stop", headers=someone.bearer))["state"] == "stopped"


async def test_waiting_turn_is_stopped_at_once(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)
    await accepted(api, someone, chat_id, "count 2000")
    waiting = await accepted(api, someone, chat_id, "hello")

    stopped = data(await api.post(f"{TURNS}/{waiting['turn_id']}/stop", headers=someone.bearer))

    assert (stopped["state"], stopped["parts"]) == ("stopped", [])


async def test_completed_turn_is_neither_stopped_nor_retried(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)
    turn_id = (await answered(api, someone, chat_id, "hello"))["turn_id"]

    asked = [await api.post(f"{TURNS}/{turn_id}/{verb}", headers=someone.bearer) for verb in ("stop", "retry")]

    assert [refusal(each) for each in asked] == [(409, "TurnClosed")] * 2


async def test_failed_turn_is_named_and_answered_anew(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)
    failed = await answered(api, someone, chat_id, "fail")

    again = data(await api.post(f"{TURNS}/{failed['turn_id']}/retry", headers=someone.bearer))
    ended = await closed(api, someone, failed["turn_id"])

    assert (failed["state"], failed["failure"]) == ("failed", "ModelUnavailable")
    assert (again["state"], again["attempt"], ended["attempt"]) == ("queued", 2, 2)


async def test_refused_content_is_named(api: httpx.AsyncClient, someone: SignedIn) -> None:
    turn = await answered(api, someone, await new_chat(api, someone), "refuse")

    assert (turn["state"], turn["failure"]) == ("failed", "ContentRefused")
