"""A turn that is being answered and of which nothing is heard is looked at again."""

import asyncio
from typing import cast
from unittest.mock import Mock

import pytest

from adapters.redis.subscriptions import Subscriptions
from adapters.stores.assistant import AssistantStores
from api.assistant.gateway.periodic_checks import SILENCE_SECONDS, PeriodicChecks
from api.assistant.gateway.relay import Relay
from api.assistant.gateway.rooms import ChatRoom, Rooms
from tests.support.builders import CHAT, TURN


@pytest.mark.parametrize(
    ("silence", "looks"), [(SILENCE_SECONDS + 1, [TURN.turn_id]), (0, [])], ids=["silent", "heard"]
)
async def test_silent_turn_is_looked_at_again(silence: float, looks: list[str]) -> None:
    rooms, relay = Rooms(ChatRoom), Mock(Relay)
    room = rooms.enter(CHAT.chat_id, Mock(told=None))
    room.put(TURN)
    room.heard_at = asyncio.get_running_loop().time() - silence
    checks = PeriodicChecks(rooms, relay, cast(AssistantStores, None), Mock(Subscriptions, is_listening=True))

    await checks.look_for_changes()

    assert [turn_id for call in relay.look_at.call_args_list for turn_id in call.args[1]] == looks
