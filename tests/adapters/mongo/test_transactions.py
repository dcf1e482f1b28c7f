"""A client that dies within a transaction delays the next one for seconds, not MongoDB's default of a minute."""

import pymongo
import pytest
from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure

from adapters.mongo.transactions import in_transaction
from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.polling import eventually


async def test_what_a_dead_process_was_changing_can_be_changed_soon(resources: Resources) -> None:
    client, users = resources.clients.mongo, resources.clients.database["users"]
    account = {"_id": ObjectId((await make_account(resources)).user["_id"])}

    async def change(inner: AsyncClientSession) -> None:
        await users.update_one(account, {"$set": {"bio": "changed"}}, session=inner)

    async def is_changed() -> bool:
        try:
            await in_transaction(client, change)
        except pymongo.errors.PyMongoError:
            return False
        return True

    async with client.start_session() as dead:
        await dead.start_transaction()
        await change(dead)
        await eventually(is_changed, within=20)
        with pytest.raises(OperationFailure):
            await dead.commit_transaction()
