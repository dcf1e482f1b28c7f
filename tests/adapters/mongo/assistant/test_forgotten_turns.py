"""Turns that no workflow answers any more are found by the sweep, whatever their state says."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.resources import Resources
from domain.assistant.chats import NewChat
from domain.assistant.turns import TURN_TIMEOUT, NewTurn, TurnMode
from tests.support.accounts import make_account

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
