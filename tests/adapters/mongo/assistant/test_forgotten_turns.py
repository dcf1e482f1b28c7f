"""Turns that no workflow answers any more are found by the sweep, whatever their state says; and those whose user has
decided or stopped what they wait for, as the wake-up may be lost.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.resources import Resources
from domain.assistant.chats import Chat, NewChat
from domain.assistant.language_models import CallAsked
from domain.assistant.tool_calls import Decision
from domain.assistant.turns import TURN_TIMEOUT, NewTurn, Turn, TurnMode
from tests.support.accounts import make_account
from tests.support.talks import Talks

OLD = datetime(2020, 1, 1, tzinfo=UTC)
MAX_FOUND = 500


async def asked(resources: Resources) -> str:
    """A chat with a message of long ago that waits."""
    stores, new_id = resources.assistant, resources.hashes.new_object_id
    chat_id, user_id = new_id(), str((await make_account(resources)).user["_id"])
    await stores.chats.create(NewChat(chat_id, user_id, body_hash="", at=OLD))
    await stores.messages.accept(NewTurn(new_id(), chat_id, user_id, "hello", TurnMode.QUEUE, "", OLD))
    return chat_id


@pytest.mark.parametrize(
    ("running_for", "is_found"),
    [(timedelta(seconds=20), False), (TURN_TIMEOUT, False), (3 * TURN_TIMEOUT, True)],
    ids=["just begun", "at its time-out", "long after its time-out"],
)
async def test_turn_that_runs_is_found_when_its_workflow_must_be_gone(
    resources: Resources, running_for: timedelta, is_found: bool
) -> None:
    chat_id = await asked(resources)
    await resources.assistant.answers.begin(chat_id, OLD)

    found = await resources.assistant.upkeep.find_waiting(before=OLD + running_for, limit=MAX_FOUND)

    assert (chat_id in found) is is_found


async def waiting(talks: Talks, chat: Chat) -> tuple[Turn, str]:
    """A turn that waits for an approval of two calls, and the id of one of them."""
    stores = talks.resources.assistant
    calls = await talks.call_tools(chat.chat_id, *[CallAsked("follow_user", "{}")] * 2)
    for call in calls:
        await stores.turn_calls.require_approval(call, talks.now)
    turn = await talks.turn(str(calls[0].turn_id))
    await stores.answers.set_waiting(turn, is_waiting=True)
    return turn, calls[0].call_id


async def is_found(talks: Talks, chat: Chat) -> bool:
    """Whether the sweep of a second later finds the chat."""
    before = talks.at(seconds=1).now
    return chat.chat_id in await talks.resources.assistant.upkeep.find_waiting(before=before, limit=MAX_FOUND)


async def test_turn_that_waits_for_its_user_is_left_alone(talks: Talks, chat: Chat) -> None:
    await waiting(talks, chat)

    assert not await is_found(talks, chat)


@pytest.mark.parametrize("decision", Decision)
async def test_turn_whose_call_is_decided_is_found_until_it_goes_on(
    talks: Talks, chat: Chat, decision: Decision
) -> None:
    turn, call_id = await waiting(talks, chat)

    await talks.resources.assistant.turn_calls.decide(talks.user_id, call_id, decision, "a session", talks.now)
    decided = await is_found(talks, chat)
    await talks.resources.assistant.answers.set_waiting(turn, is_waiting=True)

    assert decided
    assert not await is_found(talks, chat)


async def test_turn_that_waits_is_found_once_the_session_that_has_sent_it_has_ended(talks: Talks, chat: Chat) -> None:
    stores, session_id = talks.resources.assistant, (await make_account(talks.resources)).session["_id"]
    await waiting(replace(talks, asker_id=session_id), chat)

    before = await stores.upkeep.find_orphaned(talks.now, limit=MAX_FOUND)
    await talks.resources.auth.sessions.end(session_id, talks.now)

    assert chat.chat_id not in before
    assert chat.chat_id in await stores.upkeep.find_orphaned(talks.now, limit=MAX_FOUND)


@pytest.mark.parametrize("is_waiting", [True, False], ids=["waits", "runs"])
async def test_turn_that_is_to_stop_is_found(talks: Talks, chat: Chat, is_waiting: bool) -> None:
    turn, _ = await waiting(talks, chat)
    await talks.resources.assistant.answers.set_waiting(turn, is_waiting=is_waiting)

    await talks.resources.assistant.messages.stop(talks.user_id, turn.turn_id, talks.now)

    assert await is_found(talks, chat)
