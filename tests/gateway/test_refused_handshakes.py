"""Refused handshakes count for the client's network, together with the errors over HTTP that no other limit counts."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from config.rates import Rate
from config.settings import Settings
from tests.gateway.serving import serving
from tests.support.api_keys import make_key, with_key
from tests.support.people import SignedIn
from tests.support.rate_limited_api import new_address
from tests.support.websocket_client import SOCKETIO, connected

THREE = {"rate_limits": "on", "limit_std": Rate(3, 600), "trusted_proxies": ("127.0.0.1",)}
PAGE = "https://app.decode.example"
BAD = {"Authorization": "Bearer nonsense"}


@pytest.fixture
async def limited_url(settings: Settings) -> AsyncIterator[str]:
    """URL of an API behind a proxy on this machine, with three by the standard limit."""
    async with serving(settings, **THREE, cors_origins=(PAGE,)) as url:
        yield url


def behind_proxy() -> dict[str, str]:
    """The header of a client in a network without any counted request."""
    return {"X-Forwarded-For": new_address()}


async def close_code(url: str, headers: Mapping[str, str], **options: Any) -> int:
    """Code with which a handshake is refused."""
    async with connected(url, headers, **options) as client:
        return await client.closed()


async def close_code_after(event: str, url: str, headers: Mapping[str, str], **options: Any) -> int:
    """Code with which a client is refused whose first message is this event with a wrong token."""
    async with connected(url, headers, **options) as client:
        await client.send(event, token="nonsense")
        return await client.closed()


async def opens(url: str, headers: Mapping[str, str]) -> bool:
    async with connected(url, headers) as client:
        return bool(await client.receive("user_connected"))


@pytest.mark.parametrize(
    ("headers", "options", "code"),
    [
        pytest.param(BAD, {}, 4401, id="header"),
        pytest.param({}, {"subprotocols": ["decode.v1", "decode.ticket.nonsense"]}, 4401, id="ticket"),
        pytest.param({}, {"origin": "https://evil.example"}, 4403, id="origin"),
    ],
)
async def test_refused_handshakes_count_for_their_network(
    limited_url: str, headers: dict[str, str], options: dict[str, Any], code: int
) -> None:
    headers = headers | behind_proxy()

    assert [await close_code(limited_url, headers, **options) for _ in range(5)] == [code, code, code, 4429, 4429]


@pytest.mark.parametrize(
    ("event", "path"), [("authenticate", "/notifications"), ("ping", "/notifications"), ("authenticate", SOCKETIO)]
)
async def test_refused_first_messages_count_for_their_network(limited_url: str, event: str, path: str) -> None:
    client = behind_proxy()

    codes = [await close_code_after(event, limited_url, client, path=path) for _ in range(4)]

    assert codes == [4401, 4401, 4401, 4429]


async def test_silent_clients_count_for_their_network(limited_url: str) -> None:
    client = behind_proxy()

    codes = await asyncio.gather(*(close_code(limited_url, client) for _ in range(4)))

    assert sorted(codes) == [4408, 4408, 4408, 4429]


async def test_refused_handshakes_and_errors_over_http_share_one_limit(limited_url: str) -> None:
    client = behind_proxy()
    async with httpx.AsyncClient(base_url=limited_url, headers=client) as http:
        codes = [await close_code(limited_url, BAD | client) for _ in range(2)]
        found = [(await http.get("/notifications", headers=BAD)).status_code for _ in range(2)]

    assert (codes, found) == ([4401, 4401], [401, 429])
    assert await close_code(limited_url, BAD | client) == 4429


async def test_opened_sockets_are_not_counted(limited_url: str, someone: SignedIn) -> None:
    client = behind_proxy()

    assert [await opens(limited_url, someone.bearer | client) for _ in range(4)] == [True] * 4
    assert [await close_code(limited_url, BAD | client) for _ in range(4)] == [4401, 4401, 4401, 4429]


async def test_key_opens_a_socket_and_marks_as_read_up_to_its_limit(
    limited_url: str, api: httpx.AsyncClient, someone: SignedIn
) -> None:
    scopes = ["notifications:read", "notifications:write"]
    _, secret = await make_key(api, someone, scopes, limit={"count": 2, "seconds": 60})
    async with connected(limited_url, with_key(secret)) as client:
        await client.receive("user_connected")
        refused = []
        for _ in range(2):
            await client.send("mark_notification_read", notificationId="0" * 24)
            refused.append((await client.receive("error"))["error"])

    assert refused == ["NotificationNotFound", "RateLimited"]
    assert await close_code(limited_url, with_key(secret)) == 4429


async def test_socket_opens_in_a_network_over_the_limit(limited_url: str, someone: SignedIn) -> None:
    client = behind_proxy()
    assert [await close_code(limited_url, BAD | client) for _ in range(4)] == [4401, 4401, 4401, 4429]

    assert await opens(limited_url, someone.bearer | client)


async def test_refused_handshakes_of_two_networks_are_counted_apart(limited_url: str) -> None:
    codes = [await close_code(limited_url, BAD | behind_proxy()) for _ in range(4)]

    assert codes == [4401] * 4


async def test_forwarded_address_from_a_stranger_does_not_count(settings: Settings) -> None:
    """Each handshake names another client, and all come from one machine, which is no proxy of ours."""
    async with serving(settings, **THREE | {"trusted_proxies": ()}) as url:
        codes = [await close_code(url, BAD | behind_proxy()) for _ in range(4)]

    assert codes[-1] == 4429


async def test_refused_handshakes_are_not_limited_when_limits_are_off(settings: Settings) -> None:
    client = behind_proxy()
    async with serving(settings, **THREE | {"rate_limits": "off"}) as url:
        codes = [await close_code(url, BAD | client) for _ in range(5)]

    assert codes == [4401] * 5
