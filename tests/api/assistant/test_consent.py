"""Consent over HTTP: given once, withdrawn, and asked for where a model is not our own."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast
from unittest.mock import Mock

import httpx
import pytest

from adapters.resources import Resources
from api.assistant.conversations import Conversations
from domain.assistant.chats import NewChat
from domain.assistant.errors import ConsentRequired
from domain.assistant.language_models import MOCK
from domain.assistant.turn_ends import TurnState
from domain.assistant.turns import TurnMode
from tests.support.envelope import data
from tests.support.language_models import with_models
from tests.support.people import SignedIn
from tests.support.scripted_model import ScriptedModel
from tests.support.signed_in import on_device

CONSENT = "/assistant/consent"


@pytest.fixture
def conversations(resources: Resources) -> Conversations:
    """Of a stack whose chain has a model of others."""
    others = ScriptedModel(replace(MOCK, is_external=True))
    return Conversations(with_models(resources, others).assistant, resources.hashes, Mock())


async def say(conversations: Conversations, someone: SignedIn) -> str:
    now, user_id = datetime.now(UTC), someone.user["_id"]
    chat = NewChat(conversations.hashes.new_object_id(), user_id, "", now)
    await conversations.stores.chats.create(chat)
    accepted = await conversations.say(user_id, chat.chat_id, "hello", TurnMode.QUEUE, None, now, "0" * 24)
    return accepted.turn.turn_id


async def test_consent_is_given_once_and_withdrawn(api: httpx.AsyncClient, someone: SignedIn) -> None:
    headers = on_device(someone)

    given = [data(await api.post(CONSENT, headers=headers))["given_at"] for _ in range(2)]
    withdrawn = [data(await api.delete(CONSENT, headers=headers))["given_at"] for _ in range(2)]

    assert given[0] == given[1]
    assert withdrawn == [None, None]


async def test_words_go_to_others_only_with_consent(
    api: httpx.AsyncClient, conversations: Conversations, someone: SignedIn
) -> None:
    with pytest.raises(ConsentRequired):
        await say(conversations, someone)
    data(await api.post(CONSENT, headers=on_device(someone)))

    turn = await conversations.read(someone.user["_id"], await say(conversations, someone))

    assert turn.state is TurnState.QUEUED


async def test_withdrawal_stops_what_others_answer_and_wakes_what_waits_for_its_user(
    api: httpx.AsyncClient, conversations: Conversations, someone: SignedIn
) -> None:
    data(await api.post(CONSENT, headers=on_device(someone)))
    turn_id = await say(conversations, someone)

    wake = cast(Mock, conversations.waker).wake
    wake.reset_mock()

    await conversations.withdraw_consent(someone.user["_id"], datetime.now(UTC))

    turn = await conversations.read(someone.user["_id"], turn_id)
    assert turn.stop_asked_at is not None
    wake.assert_called_once_with(turn.chat_id)


async def test_nothing_is_answered_anew_after_the_withdrawal(
    api: httpx.AsyncClient, conversations: Conversations, someone: SignedIn
) -> None:
    data(await api.post(CONSENT, headers=on_device(someone)))
    user_id, turn_id, now = someone.user["_id"], await say(conversations, someone), datetime.now(UTC)
    await conversations.stop(user_id, turn_id, now)
    data(await api.delete(CONSENT, headers=on_device(someone)))

    with pytest.raises(ConsentRequired):
        await conversations.retry(user_id, turn_id, now, someone.session["_id"])
