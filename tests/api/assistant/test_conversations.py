"""Without a model nothing is promised: no message is accepted."""

from datetime import UTC, datetime
from unittest.mock import Mock

import pytest

from adapters.resources import Resources
from api.assistant.conversations import Conversations
from domain.assistant.errors import AssistantOff
from domain.assistant.turns import TurnMode
from tests.support.language_models import with_models


async def test_message_is_refused_where_there_is_no_model(resources: Resources) -> None:
    conversations = Conversations(with_models(resources).assistant, resources.hashes, Mock())

    with pytest.raises(AssistantOff):
        await conversations.say("0" * 24, "0" * 24, "hello", TurnMode.QUEUE, None, datetime.now(UTC), "0" * 24)
