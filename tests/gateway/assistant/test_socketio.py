"""Socket.IO packet by packet: what is none is refused as on the plain socket, and what closes it is told before."""

import json
import logging
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from api.assistant.gateway.event_codes import EVENT_CODES
from api.assistant.gateway.socketio import SocketIo
from api.sockets.close_codes import CloseCode
from api.sockets.frames import build_frame
from tests.gateway.assistant.test_random_frames import ALIVE, outcome
from tests.gateway.test_asyncapi import GOOD
from tests.support.asyncapi import document, messages
from tests.support.chat_client import chatting_by_socketio
from tests.support.envelope import Json
from tests.support.people import SignedIn
from tests.support.soak import count_of
from tests.support.websocket_client import SOCKETIO, WebSocketClient, connected

POLLING = {"EIO": "4", "transport": "polling"}
UNKNOWN_TRANSPORT: Json = {"code": 0, "message": "Transport unknown"}
UNSUPPORTED: Json = {"code": 5, "message": "Unsupported protocol version"}
BAD = {
    "nothing": "",
    "a word": "hello",
    "a plain frame": '{"event":"ping"}',
    "open": '0{"sid":"x"}',
    "ping of a client": "2",
    "probe": "2probe",
    "upgrade": "5",
    "message without a kind": "4",
    "second connect": '40{"token":"x"}',
    "acknowledgement": "431[]",
    "connect error": '44{"message":"x"}',
    "binary event": '451-["ping",{"_placeholder":true,"num":0}]',
    "no JSON": '42["ping"',
    "no list": '42{"event":"ping"}',
    "no data": "42",
    "empty list": "42[]",
    "name of another type": '42[["ping"]]',
    "two arguments": '42["ping",{},{}]',
    "authentication as an event": '42["authenticate",{"token":"x"}]',
    "unknown event": '42["dance"]',
    "unknown field": '42["ping",{"more":1}]',
    "long id": '421234567890123456["ping"]',
    "deep": "42" + "[" * 30_000,
    "NUL": '42["ping"]\0',
}
KINDS = st.sampled_from(["0", "1", "2", "3", "40", "41", "42", "43", "44", "45", "46"])
VALUES = st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner), max_leaves=4)
EVENTS = st.sampled_from(sorted(GOOD["say_in_chat"])).map(lambda event: [event, GOOD["say_in_chat"][event]])
PACKETS = st.builds(
    lambda kind, namespace, ack_id, data: f"{kind}{namespace}{ack_id}{json.dumps(data)}",
    *(KINDS, st.sampled_from(["", "", "/a,"]), st.sampled_from(["", "7"]), EVENTS | VALUES),
)
SAID = st.lists(PACKETS | st.text(max_size=9) | st.binary(max_size=9), min_size=1, max_size=12)


def documented_codes() -> list[str]:
    """The codes that docs/asyncapi.yaml has."""
    _, said = document()["components"]["messages"]["socketio_event"]["payload"]["items"]
    codes: list[str] = said["properties"]["code"]["enum"]
    return codes


async def hears(socket: WebSocketClient, start: str) -> Any:
    """Return the JSON of the next packet that begins so."""
    while not (text := str(await socket.connection.recv())).startswith(start):
        pass
    return json.loads(text.removeprefix(start))


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        pytest.param(POLLING, UNKNOWN_TRANSPORT, id="polling"),
        pytest.param({}, UNKNOWN_TRANSPORT, id="nothing"),
        pytest.param({"EIO": "3", "transport": "websocket"}, UNSUPPORTED, id="revision 3"),
        pytest.param({"EIO": "4", "transport": "websocket"}, {"code": 3, "message": "Bad request"}, id="no handshake"),
    ],
)
async def test_request_that_opens_no_socket_is_answered_in_words_of_the_engine(
    api: httpx.AsyncClient, query: dict[str, str], fault: Json
) -> None:
    answer = await api.get("/socket.io/", params=query)

    assert (answer.status_code, answer.json()) == (400, fault)


async def test_poll_with_a_body_is_answered_alike(api: httpx.AsyncClient) -> None:
    answer = await api.post("/socket.io/", params=POLLING)

    assert (answer.status_code, answer.json()) == (400, UNKNOWN_TRANSPORT)


@pytest.mark.parametrize(
    ("query", "fault"),
    [("EIO=3&transport=websocket", UNSUPPORTED), ("EIO=4&transport=polling", UNKNOWN_TRANSPORT)],
    ids=["revision 3", "polling"],
)
async def test_handshake_of_another_engine_opens_no_socket(url: str, query: str, fault: Json) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"{url.replace('http', 'ws', 1)}/socket.io/?{query}")

    assert refused.value.response.status_code == 400
    assert json.loads(refused.value.response.body or b"") == fault


async def test_engine_says_how_it_pings_and_how_much_it_takes(url: str) -> None:
    async with connected(url, path=SOCKETIO) as client:
        opening = await hears(client, "0")

    assert len(opening.pop("sid")) == 24
    assert opening == {"upgrades": [], "pingInterval": 25_000, "pingTimeout": 35_000, "maxPayload": 65_536}


async def test_bad_packet_gets_an_error_and_the_socket_stays_open(url: str, someone: SignedIn) -> None:
    """Nine on a socket: the tenth would close it."""
    refused = {}
    texts = list(BAD.items())
    for nine in (texts[at : at + 9] for at in range(0, len(texts), 9)):
        async with chatting_by_socketio(someone, url) as client:
            for name, text in nine:
                await client.socket.connection.send(text)
                refused[name] = (await client.socket.receive("error"))["error"]
            await client.socket.send("ping")
            await client.socket.receive("pong")

    assert refused == dict.fromkeys(BAD, "InvalidInput")


async def test_binary_frame_gets_an_error(url: str, someone: SignedIn) -> None:
    async with chatting_by_socketio(someone, url) as client:
        await client.socket.connection.send(b'42["ping"]')

        assert (await client.socket.receive("error"))["error"] == "InvalidInput"


async def test_oversized_packet_closes_the_socket(url: str, someone: SignedIn) -> None:
    async with chatting_by_socketio(someone, url) as client:
        await client.socket.connection.send('42["ping"]'.ljust(64 * 1024 + 1))

        assert await client.socket.closed() == 1009


async def test_another_namespace_is_refused_by_name_and_the_socket_stays_open(url: str, someone: SignedIn) -> None:
    async with chatting_by_socketio(someone, url) as client:
        for packet in ("40/admin,", '40/admin,{"token":"x"}', '42/admin,7["ping"]'):
            await client.socket.connection.send(packet)
            assert (await hears(client.socket, "44/admin,"))["data"]["code"] == "MSG_ERROR"
        await client.socket.send("ping")
        await client.socket.receive("pong")


async def test_client_with_a_header_connects_without_a_token(url: str, someone: SignedIn) -> None:
    async with connected(url, someone.bearer, path=SOCKETIO) as socket:
        await socket.connection.send("40")
        await socket.connection.send('427["ping"]')

        assert (await hears(socket, "437"))[0]["code"] == "MSG_PONG"


async def test_token_in_an_event_does_not_connect(url: str, someone: SignedIn) -> None:
    async with connected(url, path=SOCKETIO) as socket:
        await socket.connection.send(f'42["authenticate",{{"token":"{someone.session["access_token"]}"}}]')

        assert await socket.closed() == 4401


@pytest.mark.parametrize("packet", ["1", "41"])
async def test_goodbye_of_the_client_closes_the_socket(url: str, someone: SignedIn, packet: str) -> None:
    async with chatting_by_socketio(someone, url) as client:
        await client.socket.connection.send(packet)

        assert await client.socket.closed() == 1000


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (CloseCode.INVALID_INPUT, "InvalidInput"),
        (CloseCode.NOT_AUTHENTICATED, "NotAuthenticated"),
        (CloseCode.FORBIDDEN, "Forbidden"),
        (CloseCode.SESSION_ENDED, "SessionRevoked"),
        (CloseCode.TOO_MANY, "RateLimited"),
    ],
)
def test_final_end_is_told_before_the_packet_that_disconnects(code: CloseCode, error: str) -> None:
    spelling = SocketIo()
    spelling.event(build_frame("connected", {"clientId": "x", "sessionId": "y"}, None))

    said = spelling.goodbye(code)

    assert f'42["error",{{"data":{{"error":"{error}"'.encode() in said
    assert said.endswith(b"41")


@pytest.mark.parametrize("code", [CloseCode.RESTARTING, CloseCode.TRY_AGAIN, CloseCode.TOO_LATE, 1009, 1011])
def test_end_after_which_a_client_is_to_connect_again_is_not_told(code: int) -> None:
    assert SocketIo().goodbye(code) == b""


def test_each_event_of_the_assistant_has_a_code() -> None:
    assert set(EVENT_CODES) == set(messages("hear_in_chat")) - {"rate_limit"}
    assert sorted(row.code for row in EVENT_CODES.values()) == sorted(documented_codes())


@given(said=SAID)
@settings(max_examples=count_of(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_random_packets_are_answered_or_close_the_socket(
    other_url: str, someone: SignedIn, caplog: pytest.LogCaptureFixture, said: list[str | bytes]
) -> None:
    async with chatting_by_socketio(someone, other_url) as client:
        for packet in said:
            await client.socket.connection.send(packet)

        assert await outcome(client.socket) in (ALIVE, CloseCode.NORMAL, CloseCode.INVALID_INPUT)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
