"""Whatever comes on the socket of the assistant, nothing fails inside: the socket answers, or closes by the table of
docs/asyncapi.yaml.
"""

import json
import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from api.sockets.close_codes import CloseCode
from tests.gateway.test_asyncapi import GOOD
from tests.support.chat_client import chatting
from tests.support.people import SignedIn
from tests.support.soak import count_of
from tests.support.websocket_client import WebSocketClient

SAID = GOOD["say_in_chat"]
ALIVE = "alive"

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20)
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner), max_leaves=5)
fields = st.sampled_from(sorted({field for data in SAID.values() for field in data}))
events = st.builds(
    lambda event, changes: json.dumps({"event": event, "data": SAID[event] | changes}),
    st.sampled_from(sorted(SAID)),
    st.dictionaries(fields, values, max_size=2),
)
frames = events | events | values.map(json.dumps) | st.text(max_size=20) | st.binary(max_size=20)


async def outcome(socket: WebSocketClient) -> str | int:
    """Whether the socket still answers; otherwise the code with which it was closed."""
    try:
        await socket.send("ping")
        await socket.receive("pong")
    except ConnectionClosed:
        return socket.connection.close_code or 0
    return ALIVE


@given(said=st.lists(frames, min_size=1, max_size=12))
@settings(max_examples=count_of(100), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_random_frames_are_answered_or_close_the_socket(
    other_url: str, someone: SignedIn, caplog: pytest.LogCaptureFixture, said: list[str | bytes]
) -> None:
    async with chatting(someone, other_url) as client:
        for frame in said:
            await client.socket.connection.send(frame)

        assert await outcome(client.socket) in (ALIVE, CloseCode.INVALID_INPUT)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
