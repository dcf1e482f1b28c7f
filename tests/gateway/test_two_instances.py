"""Two instances, one inbox: nothing is missed or repeated at either, nor while one of them stops."""

import asyncio

from adapters.resources import Resources
from config.settings import Settings
from tests.gateway.serving import serving
from tests.support.clients import client_of
from tests.support.envelope import data
from tests.support.notifications import store_and_push
from tests.support.people import SignedIn
from tests.support.websocket_client import socket_of


async def test_sockets_at_both_instances_get_the_same_notifications(
    url: str, other_url: str, resources: Resources, someone: SignedIn
) -> None:
    async with socket_of(someone, url, after=0) as here, socket_of(someone, other_url, after=0) as there:
        await store_and_push(resources, someone.user["_id"], 5)

        assert [await client.receive_seqs(5) for client in (here, there)] == [[1, 2, 3, 4, 5]] * 2


async def test_sign_ins_at_both_instances_reach_sockets_at_both_in_order(
    url: str, other_url: str, someone: SignedIn
) -> None:
    async with socket_of(someone, url, after=0) as here, socket_of(someone, other_url, after=0) as there:
        async with client_of(url) as first, client_of(other_url) as second:
            signed_in = [each.post("/auth/login", json=someone.person.credentials) for each in (first, second) * 4]
            for answer in await asyncio.gather(*signed_in):
                data(answer)

        assert [await client.receive_seqs(8) for client in (here, there)] == [list(range(1, 9))] * 2


async def test_restart_of_one_instance_loses_nothing(
    url: str, settings: Settings, resources: Resources, someone: SignedIn
) -> None:
    async with serving(settings) as leaving:
        client = socket_of(someone, leaving, after=0)
        before = await client.__aenter__()
        await store_and_push(resources, someone.user["_id"], 2)
        assert await before.receive_seqs(2) == [1, 2]

    assert await before.closed() == 1012
    await client.__aexit__(None, None, None)
    await store_and_push(resources, someone.user["_id"], 2)
    async with socket_of(someone, url, after=2) as after:
        assert await after.receive_seqs(2) == [3, 4]


async def test_gateway_without_redis_still_delivers(
    settings: Settings, resources: Resources, someone: SignedIn
) -> None:
    """With a delay: the gateway compares with the store every 15 seconds."""
    closed_port = type(settings.redis_url)("redis://:x@127.0.0.1:1/0")
    async with serving(settings, redis_url=closed_port) as deaf, socket_of(someone, deaf, after=0) as client:
        await store_and_push(resources, someone.user["_id"], 3)

        assert await client.receive_seqs(3, within=25) == [1, 2, 3]
