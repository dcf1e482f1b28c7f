"""Opens the connections to the stores and to Temporal, and closes them in order."""

import os
import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass

import temporalio.client
from neo4j import AsyncDriver
from redis.asyncio import Redis

import adapters.mongo.client
import adapters.neo4j.client
from adapters.crypto.field_cipher import FieldCipher
from adapters.crypto.keys import KeyLabel, KeyRing
from adapters.redis.client import open_redis
from adapters.temporal.client import connect, new_runtime
from config.settings import Settings


@dataclass(frozen=True)
class Clients:
    """The open connections themselves, for health checks and for creating indexes."""

    mongo: adapters.mongo.client.Client
    database: adapters.mongo.client.Database
    neo4j: AsyncDriver
    redis: Redis
    temporal: temporalio.client.Client


async def open_clients(settings: Settings, ring: KeyRing, stack: AsyncExitStack, *, service: str) -> Clients:
    """Return the clients; `stack` closes them in reverse order. `service`: `api` or `worker`.

    No server needs to be up yet: each client connects on first use. Only a worker connects to Temporal at once and
    raises RuntimeError when that fails.
    """
    mongo = adapters.mongo.client.open_mongo(settings.mongodb_url.get_secret_value())
    stack.push_async_callback(mongo.close)
    neo4j = adapters.neo4j.client.open_neo4j(
        settings.neo4j_url, user=settings.neo4j_user, password=settings.neo4j_password.get_secret_value()
    )
    stack.push_async_callback(neo4j.close)
    redis = open_redis(settings.redis_url.get_secret_value())
    stack.push_async_callback(redis.aclose)
    temporal = await connect(
        FieldCipher(ring, KeyLabel.PAYLOADS),
        runtime=new_runtime(settings.metrics_address),
        identity=f"{service}.{os.getpid()}@{socket.gethostname()}",
        is_api=service == "api",
        is_compressed=settings.temporal_compression == "gzip",
    )
    return Clients(mongo, mongo[settings.mongodb_database], neo4j, redis, temporal)
