"""Sockets that an API key opens, and what closes them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.api_keys import as_bearer, make_key, rotate, with_key
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import on_device
from tests.support.websocket_client import WebSocketClient, connected

NOT_AUTHENTICATED, FORBIDDEN = 4401, 4403


@asynccontextmanager
async def listening(url: str, secret: str) -> AsyncIterator[WebSocketClient]:
    """A socket that an API key has opened."""
    async with connected(url, with_key(secret)) as client:
        await client.receive("user_connected")
        yield client


@pytest.mark.parametrize("headers", [with_key, as_bearer])
async def test_key_with_the_scope_opens_a_socket(
    api: httpx.AsyncClient, url: str, someone: SignedIn, headers: Callable[[str], dict[str, str]]
) -> None:
    _, secret = await make_key(api, someone)

    async with connected(url, headers(secret)) as client:
        assert (await client.receive("user_connected"))["userId"] == someone.user["_id"]


async def test_key_in_the_first_message_opens_a_socket(api: httpx.AsyncClient, url: str, someone: SignedIn) -> None:
    _, secret = await make_key(api, someone)

    async with connected(url) as client:
        await client.send("authenticate", token=secret)
        assert (await client.receive("user_connected"))["userId"] == someone.user["_id"]


async def test_key_without_the_scope_opens_none(api: httpx.AsyncClient, url: str, someone: SignedIn) -> None:
    _, secret = await make_key(api, someone, ["profile:read"])

    async with connected(url, with_key(secret)) as client:
        assert await client.closed() == FORBIDDEN


async def test_wrong_key_and_two_credentials_open_none(api: httpx.AsyncClient, url: str, someone: SignedIn) -> None:
    _, secret = await make_key(api, someone)

    async with connected(url, with_key(secret[:-1])) as wrong, connected(url, with_key(secret) | someone.bearer) as two:
        assert (await wrong.closed(), await two.closed()) == (NOT_AUTHENTICATED, NOT_AUTHENTICATED)


async def test_socket_closes_with_its_key(api: httpx.AsyncClient, url: str, someone: SignedIn) -> None:
    key, secret = await make_key(api, someone)
    async with listening(url, secret) as client:
        await api.delete(f"/api-keys/{key['_id']}", headers=on_device(someone))

        assert await client.closed(within=5) == NOT_AUTHENTICATED


async def test_socket_closes_when_its_key_loses_the_scope(api: httpx.AsyncClient, url: str, someone: SignedIn) -> None:
    key, secret = await make_key(api, someone)
    async with listening(url, secret) as client:
        narrower = {"scopes": ["profile:read"]}
        await api.patch(f"/api-keys/{key['_id']}", json=narrower, headers=on_device(someone))

        assert await client.closed(within=5) == FORBIDDEN


async def test_socket_closes_when_its_secret_is_replaced(api: httpx.AsyncClient, url: str, someone: SignedIn) -> None:
    key, secret = await make_key(api, someone)
    async with listening(url, secret) as client:
        await rotate(api, someone, key, overlap_seconds=0)

        assert await client.closed(within=5) == NOT_AUTHENTICATED


async def test_socket_of_a_replaced_secret_stays_for_the_overlap(
    api: httpx.AsyncClient, url: str, resources: Resources, someone: SignedIn
) -> None:
    """The round that ends the socket of another key has judged this one as well."""
    key, secret = await make_key(api, someone)
    other, other_secret = await make_key(api, someone)
    async with listening(url, secret) as client, listening(url, other_secret) as ended:
        await rotate(api, someone, key, overlap_seconds=60)
        revoked = {"$set": {"revoked_at": datetime.now(UTC)}}
        await resources.clients.database["api_keys"].update_one({"_id": ObjectId(other["_id"])}, revoked)

        assert await ended.closed(within=6) == NOT_AUTHENTICATED
        await client.receives_nothing("error")


async def test_only_the_sockets_of_the_replaced_secret_close(
    api: httpx.AsyncClient, url: str, someone: SignedIn
) -> None:
    key, secret = await make_key(api, someone)
    new_secret = await rotate(api, someone, key, overlap_seconds=60)
    async with listening(url, secret) as old, listening(url, new_secret) as new:
        await rotate(api, someone, key, overlap_seconds=60)

        assert await old.closed(within=5) == NOT_AUTHENTICATED
        await new.receives_nothing("error")


async def test_socket_closes_when_its_key_no_longer_allows_its_network(
    api: httpx.AsyncClient, url: str, someone: SignedIn
) -> None:
    key, secret = await make_key(api, someone)
    async with listening(url, secret) as client:
        elsewhere = {"networks": ["198.51.100.0/24"]}
        await api.patch(f"/api-keys/{key['_id']}", json=elsewhere, headers=on_device(someone))

        assert await client.closed(within=5) == NOT_AUTHENTICATED


async def test_socket_closes_within_five_seconds_without_a_hint(
    api: httpx.AsyncClient, url: str, resources: Resources, someone: SignedIn
) -> None:
    _, secret = await make_key(api, someone)
    async with listening(url, secret) as client:
        ended = {"$inc": {"session_epoch": 1}}
        await resources.clients.database["users"].update_one({"_id": ObjectId(someone.user["_id"])}, ended)

        assert await client.closed(within=6) == NOT_AUTHENTICATED


async def test_socket_of_a_session_stays_when_a_key_of_its_user_ends(
    api: httpx.AsyncClient, url: str, someone: SignedIn
) -> None:
    key, _ = await make_key(api, someone)
    async with connected(url, someone.bearer) as client:
        await client.receive("user_connected")

        await api.delete(f"/api-keys/{key['_id']}", headers=on_device(someone))

        await client.receives_nothing("error")


async def test_key_that_only_reads_marks_nothing_as_read(
    api: httpx.AsyncClient, url: str, resources: Resources
) -> None:
    owner = await make_account(resources)
    _, secret = await make_key(api, owner)

    async def newest() -> str | None:
        listed = (await api.get("/notifications", headers=with_key(secret))).json()["data"]["notifications"]
        return str(listed[0]["_id"]) if listed else None

    notification_id = await eventually(newest)
    async with listening(url, secret) as client:
        await client.send("mark_notification_read", notificationId=notification_id)

        assert (await client.receive("error"))["error"] == "ScopeMissing"
