"""Malformed frames: an error each, the tenth closes the socket; oversized frames and floods close it at once."""

import asyncio
import json

import pytest

from api.sockets.connection import CLOSE_TIMEOUT_SECONDS
from tests.support.people import SignedIn
from tests.support.websocket_client import WebSocketClient, connected, socket_of

BAD = {
    "no JSON": "{",
    "empty": "",
    "a number": "7",
    "a list": "[]",
    "no event": "{}",
    "unknown event": '{"event":"dance"}',
    "event of another type": '{"event":["ping"]}',
    "event that only the server says": '{"event":"user_connected","data":{}}',
    "second authentication": '{"event":"authenticate","data":{"token":"x"}}',
    "no data": '{"event":"resume"}',
    "data of another type": '{"event":"resume","data":"7"}',
    "negative": '{"event":"resume","data":{"after":-1}}',
    "fraction": '{"event":"ack","data":{"seq":1.5}}',
    "text for a number": '{"event":"ack","data":{"seq":"1"}}',
    "huge": '{"event":"ack","data":{"seq":9007199254740992}}',
    "true": '{"event":"ack","data":{"seq":true}}',
    "unknown field": '{"event":"ack","data":{"seq":1,"$where":"1"}}',
    "operator for an id": '{"event":"mark_notification_read","data":{"notificationId":{"$ne":null}}}',
    "short id": '{"event":"mark_notification_read","data":{"notificationId":"abc"}}',
    "deep": "[" * 30_000,
    "deep objects": '{"event":' * 7_000,
    "deep data": '{"event":"ack","data":' + "[" * 30_000 + "]" * 30_000 + "}",
    "half a character": '{"event":"\\ud800"}',
    "half a character for an id": '{"event":"mark_notification_read","data":{"notificationId":"\\udfff"}}',
    "5 000 digits": '{"event":"ack","data":{"seq":' + "9" * 5_000 + "}}",
    "infinity": '{"event":"ack","data":{"seq":1e999}}',
    "no number": '{"event":"ack","data":{"seq":NaN}}',
    "NUL": '{"event":"ping"}\0',
    "byte order mark": '\ufeff{"event":"ping"}',
}


async def is_alive(client: WebSocketClient) -> bool:
    await client.send("ping")
    await client.receive("pong")
    return True


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
async def test_bad_frame_gets_an_error_and_the_socket_stays_open(url: str, someone: SignedIn, text: str) -> None:
    async with socket_of(someone, url, after=0) as client:
        await client.connection.send(text)

        assert (await client.receive())["error"] == "InvalidInput"
        assert await is_alive(client)


async def test_binary_frame_gets_an_error_and_the_socket_stays_open(url: str, someone: SignedIn) -> None:
    async with socket_of(someone, url, after=0) as client:
        await client.connection.send(b'{"event":"ping"}')

        assert (await client.receive())["error"] == "InvalidInput"
        assert await is_alive(client)


async def test_tenth_bad_frame_closes_the_socket(url: str, someone: SignedIn) -> None:
    async with socket_of(someone, url, after=0) as client:
        for _ in range(9):
            await client.connection.send("nonsense")
            assert (await client.receive())["error"] == "InvalidInput"

        await client.connection.send("nonsense")

        assert await client.closed() == 4400


async def test_frame_of_64_kib_is_read_and_a_larger_one_closes_the_socket(url: str, someone: SignedIn) -> None:
    frame = json.dumps({"event": "ping", "data": {}})
    async with socket_of(someone, url, after=0) as client:
        await client.connection.send(frame + " " * (64 * 1024 - len(frame)))
        assert await client.receive() == {}

        await client.connection.send(frame + " " * (64 * 1024 + 1 - len(frame)))

        assert await client.closed() == 1009


async def test_large_message_in_small_fragments_closes_the_socket(url: str, someone: SignedIn) -> None:
    async with socket_of(someone, url, after=0) as client:
        await client.connection.send(["x" * 10_000] * 7)

        assert await client.closed() == 1009


async def test_large_first_frame_closes_the_socket(url: str) -> None:
    async with connected(url) as client:
        await client.connection.send("x" * 65 * 1024)

        assert await client.closed() == 1009


async def test_text_frame_that_is_no_utf8_closes_the_socket(url: str, someone: SignedIn) -> None:
    async with socket_of(someone, url, after=0) as client:
        await client.connection.send(b"\xff\xfe", text=True)

        assert await client.closed() == 1007


async def test_thirty_messages_are_answered_and_the_next_one_closes_the_socket(url: str, someone: SignedIn) -> None:
    async with socket_of(someone, url, after=0) as client:
        for _ in range(30):
            await client.send("ping")
            await client.receive("pong")

        await client.send("ping")

        assert await client.closed() == 4429


def flood(client: WebSocketClient, number: int) -> None:
    """Send `number` frames in one write."""
    for _ in range(number):
        client.connection.protocol.send_text(b'{"event":"ping"}')
    client.connection.send_data()


@pytest.mark.parametrize("number", [40, 10_000])
async def test_flood_closes_its_connection_at_once(url: str, someone: SignedIn, number: int) -> None:
    """Within half of CLOSE_TIMEOUT_SECONDS, after which a client that does not answer is dropped."""
    async with socket_of(someone, url, after=0) as client:
        flood(client, number)

        assert await client.closed(within=CLOSE_TIMEOUT_SECONDS / 2) == 4429


async def test_flood_before_authentication_closes_its_connection_at_once(url: str) -> None:
    async with connected(url) as client:
        flood(client, 40)

        assert await client.closed(within=CLOSE_TIMEOUT_SECONDS / 2) == 4401


async def test_thousand_frames_at_once_close_only_the_socket_of_the_sender(
    url: str, someone: SignedIn, other: SignedIn
) -> None:
    async with socket_of(someone, url, after=0) as flood, socket_of(other, url, after=0) as calm:
        sending = asyncio.gather(*(flood.send("ping") for _ in range(1_000)), return_exceptions=True)

        assert await is_alive(calm)
        assert await flood.closed() == 4429
        await sending
