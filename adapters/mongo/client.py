"""The MongoDB client. MongoDB is the source of truth for accounts."""

from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from adapters.driver_patch import patch_driver_waits

Document = dict[str, Any]
Client = AsyncMongoClient[Document]
Database = AsyncDatabase[Document]

SERVER_SELECTION_MS = 2_000
SOCKET_MS = 10_000


def open_mongo(url: str) -> Client:
    """Return a client that connects on first use and gives up on an unavailable server after 2 s. What it has written
    outlives the server that took it, and what it reads is the newest: `url` cannot say otherwise.
    """
    patch_driver_waits()
    return AsyncMongoClient(
        url,
        tz_aware=True,
        # One in no year that Python has would fail the whole page that it is read with.
        datetime_conversion="DATETIME_AUTO",
        serverSelectionTimeoutMS=SERVER_SELECTION_MS,
        connectTimeoutMS=SERVER_SELECTION_MS,
        socketTimeoutMS=SOCKET_MS,
        w="majority",
        journal=True,
        readPreference="primary",
        appname="decode",
    )


async def ping(client: Client) -> None:
    """Make one round trip to the server that would answer a query. Raises the driver's error."""
    await client.admin.command("ping")
