"""Requests that offer an upgrade, byte by byte. Only a handshake at the gateway becomes a WebSocket: the others are
answered as if nothing was offered, and nothing of their bodies is read as another request.
"""

from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.resources import Resources
from config.rates import Rate
from config.settings import Settings
from devstack.stack import Stack
from tests.gateway.serving import serving
from tests.support.accounts import make_account
from tests.support.rate_limited_api import new_address
from tests.support.raw_http import RawConnection, head, raw_connection
from tests.support.signed_in import on_device

LOGOUT = "POST /auth/session/logout"
JSON = "Content-Type: application/json"
BODY = b'{"session_token":"x"}'
KEY = ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13")
OFFER = ("Connection: Upgrade", "Upgrade: websocket")
HANDSHAKE = (*OFFER, *KEY)
NEXT_ID = "the-next-request-1"
NEXT = head("GET /health/live", f"X-Request-ID: {NEXT_ID}")

OFFERS = {
    "h2c": ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"),
    "h2c and keep-alive": ("Connection: keep-alive, upgrade", "Upgrade: H2C"),
    "TLS": ("Connection: upgrade", "Upgrade: TLS/1.0"),
    "an unknown protocol": ("Connection: UPGRADE", "upgrade: foo"),
    "a list": ("Connection: Upgrade", "Upgrade: h2c, websocket, TLS/1.2"),
    "two lines": ("Connection: Upgrade", "Upgrade: h2c", "Upgrade: websocket"),
    "Connection in two lines": ("Connection: Upgrade", "Upgrade: foo", "Connection: keep-alive"),
    "WebSocket with a body": HANDSHAKE,
    "WebSocket without a key": ("Connection: Upgrade", "Upgrade: WebSocket"),
    "WebSocket by another name": ("Connection: Upgrade", "Upgrade: websocket/13", *KEY),
    "nothing": ("Connection: Upgrade", "Upgrade: "),
}
every_offer = pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS.keys())


@pytest.fixture
async def connection(stack: Stack) -> AsyncIterator[RawConnection]:
    async with raw_connection(stack.url("api")) as connection:
        yield connection


def length(body: bytes) -> str:
    return f"Content-Length: {len(body)}"


async def assert_next_is_answered(connection: RawConnection) -> None:
    """The connection stays open, and what comes next on it is a request of its own."""
    connection.send(NEXT)
    answer = await connection.answer()
    assert (answer.status, answer.headers["x-request-id"]) == (200, NEXT_ID)


@every_offer
async def test_body_in_the_same_packet_is_read(connection: RawConnection, offer: tuple[str, ...]) -> None:
    connection.send(head(LOGOUT, JSON, *offer, length(BODY)) + BODY)

    assert (await connection.answer()).status == 200
    await assert_next_is_answered(connection)


@every_offer
async def test_body_in_a_second_packet_is_read(
    connection: RawConnection, api: httpx.AsyncClient, offer: tuple[str, ...]
) -> None:
    connection.send(head(LOGOUT, JSON, *offer, length(BODY)))
    await api.get("/health/live")
    connection.send(BODY)

    assert (await connection.answer()).status == 200
    await assert_next_is_answered(connection)


@every_offer
async def test_chunked_body_is_read(connection: RawConnection, offer: tuple[str, ...]) -> None:
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (BODY[:7], BODY[7:], b""))

    connection.send(head(LOGOUT, JSON, *offer, "Transfer-Encoding: chunked") + chunks)

    assert (await connection.answer()).status == 200
    await assert_next_is_answered(connection)


@every_offer
async def test_body_that_is_text_of_a_request_is_no_request(
    connection: RawConnection, api: httpx.AsyncClient, offer: tuple[str, ...]
) -> None:
    hidden = head("GET /health/live", "X-Request-ID: smuggled-request-1")

    connection.send(head(LOGOUT, JSON, *offer, length(hidden)))
    await api.get("/health/live")
    connection.send(hidden)

    assert (await connection.answer()).status == 422
    await assert_next_is_answered(connection)


async def test_head_in_three_packets_is_read(connection: RawConnection, api: httpx.AsyncClient) -> None:
    request = head(LOGOUT, JSON, *OFFERS["h2c"], length(BODY)) + BODY
    inside_the_offer, before_the_body = request.index(b"h2c") + 1, request.index(BODY) - 1

    connection.send(request[:inside_the_offer])
    await api.get("/health/live")
    connection.send(request[inside_the_offer:before_the_body])
    await api.get("/health/live")
    connection.send(request[before_the_body:])

    assert (await connection.answer()).status == 200
    await assert_next_is_answered(connection)


async def test_pipelined_requests_are_answered_in_their_order(connection: RawConnection) -> None:
    posted = [
        head(LOGOUT, JSON, *offer, f"X-Request-ID: request-{n:04}", length(BODY)) + BODY
        for n, offer in enumerate(OFFERS.values())
    ]

    connection.send(b"".join(posted))
    answers = [await connection.answer() for _ in posted]

    assert [answer.headers["x-request-id"] for answer in answers] == [f"request-{n:04}" for n in range(len(posted))]
    assert {answer.status for answer in answers} == {200}
    await assert_next_is_answered(connection)


async def test_body_that_may_be_missing_is_read(
    connection: RawConnection, api: httpx.AsyncClient, resources: Resources
) -> None:
    someone = await make_account(resources)
    headers = [f"{name}: {value}" for name, value in on_device(someone).items()]
    body = b'{"keep_current":false}'

    connection.send(head("POST /auth/session/revoke-all", JSON, *headers, *OFFERS["h2c"], length(body)) + body)
    answer = await connection.answer()

    assert answer.json["data"] == {"revoked": 1}
    assert (await api.get("/users/profile/me", headers=someone.bearer)).status_code == 401


async def test_client_that_waits_to_continue_is_told_to(connection: RawConnection) -> None:
    connection.send(head(LOGOUT, JSON, *OFFERS["h2c"], length(BODY), "Expect: 100-continue"))
    assert (await connection.answer()).status == 100
    connection.send(BODY)

    assert (await connection.answer()).status == 200


async def test_connection_that_is_to_be_closed_is_closed(connection: RawConnection) -> None:
    connection.send(head(LOGOUT, JSON, "Connection: close, upgrade", "Upgrade: h2c", length(BODY)) + BODY)

    assert (await connection.answer()).status == 200
    assert await connection.rest() == b""


async def test_offer_in_http_1_0_is_ignored(connection: RawConnection) -> None:
    """A server must (RFC 9110, section 7.8), whatever is offered."""
    offer = head(LOGOUT, JSON, *HANDSHAKE, length(BODY))

    connection.send(offer.replace(b"HTTP/1.1", b"HTTP/1.0") + BODY)

    assert (await connection.answer()).status == 200


@pytest.mark.parametrize("offer", [(), *OFFERS.values()], ids=["no offer", *OFFERS.keys()])
async def test_two_lengths_of_one_body_are_refused(connection: RawConnection, offer: tuple[str, ...]) -> None:
    """RFC 9112, section 6.3: it ought to be handled as an error, since the two may be read by different servers."""
    connection.send(head(LOGOUT, JSON, *offer, length(BODY), "Transfer-Encoding: chunked") + b"0\r\n\r\n" + NEXT)

    assert (await connection.answer()).status == 400
    assert await connection.rest() == b""


@pytest.mark.parametrize("offer", [(), *OFFERS.values()], ids=["no offer", *OFFERS.keys()])
async def test_target_with_scheme_and_host_is_read(connection: RawConnection, offer: tuple[str, ...]) -> None:
    """RFC 9112, section 3.2.2."""
    connection.send(head("POST http://api/auth/session/logout", JSON, *offer, length(BODY)) + BODY)

    assert (await connection.answer()).status == 200


@pytest.mark.parametrize("target", ["db.internal:443", "/health", "http://api/health", "*"])
async def test_tunnel_is_refused_with_all_that_follows(connection: RawConnection, target: str) -> None:
    connection.send(head(f"CONNECT {target}") + NEXT)

    assert (await connection.answer()).status == 400
    assert await connection.rest() == b""


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/nope", 404),
        ("/health", 200),
        ("/auth/login", 405),
        ("/users/search/existing-username?username=free_name", 200),
        ("/notifications/", 404),
        ("//notifications", 404),
        ("/nope/../notifications", 404),
        ("/notifications;after=1", 404),
        ("/notifications%3Fafter=1", 404),
        ("/Notifications", 404),
        ("/%6eotifications", 401),
        ("/nope?/notifications", 404),
        ("http://notifications/nope", 404),
        ("/notifications/ticket", 405),
    ],
)
async def test_handshake_at_another_address_is_an_ordinary_request(
    connection: RawConnection, target: str, status: int
) -> None:
    connection.send(head(f"GET {target}") + head(f"GET {target}", *HANDSHAKE))
    plain, offered = await connection.answer(), await connection.answer()

    assert (plain.status, offered.status) == (status, status)
    assert offered.json["message"] == plain.json["message"]
    assert offered.headers.get("allow") == plain.headers.get("allow")
    await assert_next_is_answered(connection)


async def test_handshake_at_another_address_counts_as_any_request(settings: Settings) -> None:
    limits = {"rate_limits": "on", "limit_std": Rate(3, 600), "trusted_proxies": ("127.0.0.1",)}
    unknown = head("GET /nope", f"X-Forwarded-For: {new_address()}", *HANDSHAKE)
    async with serving(settings, **limits) as url, raw_connection(url) as connection:
        connection.send(unknown * 4)
        answers = [await connection.answer() for _ in range(4)]

    assert [answer.json["error"] for answer in answers] == ["NotFound", "NotFound", "NotFound", "RateLimited"]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]


@pytest.mark.parametrize(
    "offer",
    [
        pytest.param((*OFFER, KEY[0]), id="no version"),
        pytest.param((*OFFER, KEY[0], "Sec-WebSocket-Version: 8"), id="another version"),
        pytest.param((*HANDSHAKE, KEY[0]), id="two keys"),
        pytest.param((*OFFER, "Sec-WebSocket-Key: c2hvcnQ=", KEY[1]), id="a short key"),
        pytest.param((*OFFER, "Sec-WebSocket-Key: \u00fc", KEY[1]), id="a key of another alphabet"),
        pytest.param(("Connection: Upgrade, ;", "Upgrade: websocket", *KEY), id="no list"),
        pytest.param((*HANDSHAKE, "Sec-WebSocket-Protocol: a b"), id="no protocol"),
        pytest.param((*HANDSHAKE, f"Cookie: {'x' * 10_000}"), id="a long header"),
    ],
)
async def test_malformed_handshake_is_an_ordinary_request(connection: RawConnection, offer: tuple[str, ...]) -> None:
    connection.send(head("GET /notifications", *offer))

    assert (await connection.answer()).json["error"] == "NotAuthenticated"
    await assert_next_is_answered(connection)


@pytest.mark.parametrize(
    "target", ["/notifications", "/notifications?after=1", "/notifications?/nope", "http://api/notifications?after=1"]
)
async def test_handshake_at_the_gateway_opens_a_socket(connection: RawConnection, target: str) -> None:
    """With scheme and host as well: RFC 6455, section 4.2.1."""
    connection.send(head(f"GET {target}", *HANDSHAKE))

    assert (await connection.answer()).status == 101


@pytest.mark.parametrize(
    "extra",
    [("Content-Length: 21",), ("Content-Length: 021",), ("Content-Length: 21", "Expect: 100-continue")],
    ids=["a length", "a length with a zero in front", "a body that waits"],
)
async def test_handshake_with_a_body_is_an_ordinary_request(connection: RawConnection, extra: tuple[str, ...]) -> None:
    connection.send(head("GET /notifications", *HANDSHAKE, *extra) + BODY)

    assert (await connection.answer()).json["error"] == "NotAuthenticated"
    await assert_next_is_answered(connection)


async def test_frames_right_behind_the_handshake_are_read(connection: RawConnection) -> None:
    """Masked with zeros: `authenticate` with a wrong token. The close frame says 4401."""
    message = b'{"event":"authenticate","data":{"token":"x"}}'
    frame = bytes([0x81, 0x80 | len(message), 0, 0, 0, 0]) + message

    connection.send(head("GET /notifications", *HANDSHAKE) + frame)

    assert (await connection.answer()).status == 101
    assert (await connection.reader.readexactly(4))[2:] == (4401).to_bytes(2)
