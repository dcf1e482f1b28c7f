"""Socket authentication in each of its three ways, and the close codes of refused clients."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from adapters.resources import Resources
from api.access.role_catalogue import RoleCatalogue
from config.settings import Settings
from tests.gateway.serving import serving
from tests.support.envelope import data
from tests.support.people import SignedIn
from tests.support.signed_in import on_device
from tests.support.websocket_client import SOCKETIO, connected

PAGE = "https://app.decode.example"
TICKET = "/notifications/ticket"
in_both_spellings = pytest.mark.parametrize("path", ["/notifications", SOCKETIO], ids=["plain", "Socket.IO"])


async def ticket_of(api: httpx.AsyncClient, someone: SignedIn) -> str:
    return str(data(await api.post(TICKET, headers=someone.bearer), 201)["ticket"])


def offering(ticket: str) -> list[str]:
    return ["decode.v1", f"decode.ticket.{ticket}"]


async def test_bearer_token_in_the_header_opens_the_socket(url: str, someone: SignedIn) -> None:
    async with connected(url, someone.bearer) as client:
        hello = await client.receive("user_connected")

    assert (hello["userId"], hello["unread"], hello["last_seq"]) == (someone.user["_id"], 0, 0)


async def test_ticket_opens_the_socket_and_the_server_selects_the_protocol(
    url: str, api: httpx.AsyncClient, someone: SignedIn
) -> None:
    async with connected(url, subprotocols=offering(await ticket_of(api, someone))) as client:
        hello = await client.receive("user_connected")

        assert client.connection.subprotocol == "decode.v1"
    assert hello["userId"] == someone.user["_id"]


async def test_ticket_opens_once(url: str, api: httpx.AsyncClient, someone: SignedIn) -> None:
    ticket = await ticket_of(api, someone)
    async with connected(url, subprotocols=offering(ticket)) as client:
        await client.receive("user_connected")

    async with connected(url, subprotocols=offering(ticket)) as again:
        assert await again.closed() == 4401


async def test_expired_ticket_is_refused(
    url: str, api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    ticket = await ticket_of(api, someone)
    over = {"$set": {"expires_at": datetime.now(UTC) - timedelta(milliseconds=1)}}
    key = {"hash": resources.hashes.socket_ticket_hash(ticket)}
    await resources.clients.database["tickets"].update_one(key, over)

    async with connected(url, subprotocols=offering(ticket)) as client:
        assert await client.closed() == 4401


async def test_ticket_ends_with_the_session_that_made_it(url: str, api: httpx.AsyncClient, someone: SignedIn) -> None:
    ticket = await ticket_of(api, someone)
    data(await api.post("/auth/session/logout", json={"session_token": someone.session["session_token"]}))

    async with connected(url, subprotocols=offering(ticket)) as client:
        assert await client.closed() == 4401


async def test_sso_token_is_no_ticket(url: str, api: httpx.AsyncClient, someone: SignedIn) -> None:
    token = data(await api.post("/auth/sso/create", json={"app": "desk"}, headers=on_device(someone)), 201)

    async with connected(url, subprotocols=offering(token["sso_token"])) as client:
        assert await client.closed() == 4401


async def test_token_in_the_first_message_opens_the_socket(url: str, someone: SignedIn) -> None:
    async with connected(url) as client:
        await client.send("authenticate", token=someone.session["access_token"])

        assert (await client.receive("user_connected"))["userId"] == someone.user["_id"]


@in_both_spellings
@pytest.mark.parametrize("typed", ["Bearer nonsense", "Basic eA==", "Bearer \u00fc", ""])
async def test_bad_header_closes_with_4401(url: str, typed: str, path: str) -> None:
    async with connected(url, {"Authorization": typed}, path=path) as client:
        assert await client.closed() == 4401


@in_both_spellings
async def test_bad_ticket_closes_with_4401(url: str, path: str) -> None:
    async with connected(url, subprotocols=offering(secrets.token_urlsafe(32)), path=path) as client:
        assert await client.closed() == 4401


@in_both_spellings
async def test_bad_token_in_the_first_message_closes_with_4401(url: str, path: str) -> None:
    async with connected(url, path=path) as client:
        await client.send("authenticate", token="nonsense")

        assert await client.closed() == 4401


async def test_account_without_the_permission_opens_no_socket(
    settings: Settings, someone: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: object) -> frozenset[str]:
        return frozenset()

    monkeypatch.setattr(RoleCatalogue, "permissions_of", nothing)

    async with serving(settings) as url, connected(url, someone.bearer) as client:
        assert await client.closed() == 4403


@in_both_spellings
@pytest.mark.parametrize("event", ["ping", "resume", "ack", "nonsense"])
async def test_event_before_authentication_closes_with_4401(url: str, event: str, path: str) -> None:
    async with connected(url, path=path) as client:
        await client.send(event)

        assert await client.closed() == 4401


@in_both_spellings
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("hello", id="a word"),
        pytest.param("[" * 30_000, id="deep"),
        pytest.param('{"event":"authenticate","data":{"token":' + "9" * 5_000 + "}}", id="5 000 digits"),
        pytest.param('{"event":"authenticate","data":{"token":"\\ud800"}}', id="half a character"),
        pytest.param('{"event":"authenticate","data":{"token":"\\u0000"}}', id="NUL"),
    ],
)
async def test_text_that_is_no_frame_is_no_authentication(url: str, text: str, path: str) -> None:
    async with connected(url, path=path) as client:
        await client.connection.send(text)

        assert await client.closed() == 4401


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/assistant", {"chat_id": "zz"}),
        (SOCKETIO, {"chat_id": "zz"}),
        ("/notifications", {"after": -1}),
        ("/notifications", {"more": 1}),
    ],
    ids=["chat", "chat by Socket.IO", "number", "unknown field"],
)
async def test_token_with_what_is_not_valid_is_not_to_be_refreshed(
    url: str, someone: SignedIn, path: str, asked: dict[str, object]
) -> None:
    async with connected(url, path=path) as client:
        await client.send("authenticate", token=someone.session["access_token"], **asked)

        assert await client.closed() == 4400


@pytest.mark.parametrize(
    "target",
    [
        "/assistant?chat_id=zz",
        "/assistant?chat_id=%00",
        f"{SOCKETIO}&chat_id=zz",
        "/notifications?after=zz",
        "/notifications?after=-1",
    ],
)
async def test_query_that_is_not_valid_closes_with_4400(url: str, someone: SignedIn, target: str) -> None:
    async with connected(url, someone.bearer, path=target) as client:
        assert await client.closed() == 4400


async def test_silent_client_is_closed_after_five_seconds(url: str) -> None:
    began = asyncio.get_running_loop().time()
    async with connected(url) as client, connected(url, path=SOCKETIO) as other:
        assert (await client.closed(), await other.closed()) == (4408, 4408)

    assert 4 < asyncio.get_running_loop().time() - began < 9


@pytest.mark.parametrize("target", ["/notifications?", f"{SOCKETIO}&"], ids=["plain", "Socket.IO"])
@pytest.mark.parametrize("name", ["token", "access_token", "ticket", "authorization"])
async def test_token_in_the_query_is_no_token(url: str, someone: SignedIn, name: str, target: str) -> None:
    async with connected(url, path=f"{target}{name}={someone.session['access_token']}") as client:
        await client.send("ping")

        assert await client.closed() == 4401


@in_both_spellings
async def test_two_tokens_are_no_token(url: str, someone: SignedIn, path: str) -> None:
    """A proxy may have checked either of them."""
    both = [*someone.bearer.items(), ("Authorization", "Bearer x")]
    async with connected(url, both, path=path) as client:
        assert await client.closed() == 4401


@in_both_spellings
@pytest.mark.defect(27, 29)
async def test_revoked_session_opens_nothing(url: str, resources: Resources, someone: SignedIn, path: str) -> None:
    await resources.auth.sessions.end(someone.session["_id"], datetime.now(UTC))

    async with connected(url, someone.bearer, path=path) as client:
        assert await client.closed() == 4401


@pytest.mark.defect(39)
async def test_page_of_another_origin_is_closed(settings: Settings) -> None:
    evil = "https://evil.example"
    async with (
        serving(settings, cors_origins=(PAGE,)) as url,
        connected(url, origin=evil) as client,
        connected(url, origin=evil, path=SOCKETIO) as other,
    ):
        assert (await client.closed(), await other.closed()) == (4403, 4403)


async def test_page_of_an_allowed_origin_opens_the_socket(settings: Settings, someone: SignedIn) -> None:
    async with (
        serving(settings, cors_origins=(PAGE,)) as url,
        connected(url, origin=PAGE) as client,
    ):
        await client.send("authenticate", token=someone.session["access_token"])

        assert (await client.receive("user_connected"))["userId"] == someone.user["_id"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://api"])
async def test_origin_beside_an_authorization_header_is_not_checked(
    settings: Settings, someone: SignedIn, origin: str
) -> None:
    """No page can set the header, so the client is no browser."""
    async with (
        serving(settings, cors_origins=(PAGE,)) as url,
        connected(url, someone.bearer, origin=origin) as client,
    ):
        assert (await client.receive("user_connected"))["userId"] == someone.user["_id"]


async def test_ticket_from_a_page_of_another_origin_stays_usable(
    settings: Settings, api: httpx.AsyncClient, someone: SignedIn
) -> None:
    ticket = await ticket_of(api, someone)
    async with serving(settings, cors_origins=(PAGE,)) as url:
        async with connected(url, subprotocols=offering(ticket), origin="https://evil.example") as client:
            assert await client.closed() == 4403

        async with connected(url, subprotocols=offering(ticket), origin=PAGE) as client:
            assert (await client.receive("user_connected"))["userId"] == someone.user["_id"]


async def test_other_path_is_no_socket(url: str, someone: SignedIn) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connected(f"{url}/users", someone.bearer):
            pass

    assert refused.value.response.status_code == 404
