"""Documents that are asked for together: each reader gets its own, as it is when the reader asks."""

import asyncio
from typing import Any

from bson import ObjectId

from adapters.mongo.client import Document
from adapters.mongo.documents import documents_by_id
from adapters.resources import Resources
from tests.support.accounts import make_account

UPPER_NAME = {"$project": {"upper": {"$toUpper": "$username"}}}


async def set_fields(resources: Resources, user_id: str, fields: dict[str, Any]) -> None:
    await resources.clients.database["users"].update_one({"_id": ObjectId(user_id)}, {"$set": fields})


async def test_readers_who_meet_get_each_their_own_document(resources: Resources) -> None:
    ann, bob = await make_account(resources), await make_account(resources)
    names = documents_by_id(resources.clients.database["users"], UPPER_NAME)
    ids = [ObjectId(ann.user["_id"]), ObjectId(), ObjectId(bob.user["_id"]), ObjectId(ann.user["_id"])]

    found = await asyncio.gather(*map(names.run, ids))

    assert [document and document["upper"] for document in found] == [
        ann.person.username.upper(),
        None,
        bob.person.username.upper(),
        ann.person.username.upper(),
    ]


async def test_reader_who_meets_others_sees_what_was_written_before(resources: Resources) -> None:
    crowd, writers = (
        [await make_account(resources) for _ in range(3)],
        [await make_account(resources) for _ in range(2)],
    )
    accounts = documents_by_id(resources.clients.database["users"])

    async def write_and_read(user_id: str, bio: str) -> bool:
        await set_fields(resources, user_id, {"bio": bio})
        document = await accounts.run(ObjectId(user_id))
        return document is not None and document["bio"] == bio

    async def write_many(user_id: str) -> list[bool]:
        return [await write_and_read(user_id, f"the {number}th") for number in range(50)]

    async def read_many(user_id: str) -> list[Document | None]:
        return [await accounts.run(ObjectId(user_id)) for _ in range(100)]

    seen, *_ = await asyncio.gather(
        asyncio.gather(*(write_many(each.user["_id"]) for each in writers)),
        *(read_many(each.user["_id"]) for each in [*crowd, *writers]),
    )

    assert seen == [[True] * 50] * 2


async def test_broken_document_is_an_error_to_its_reader_alone(resources: Resources) -> None:
    whole, broken = await make_account(resources), await make_account(resources)
    await set_fields(resources, broken.user["_id"], {"role": "unheard of"})
    find = resources.auth.wallets.find_user_with_wallets

    found, error = await asyncio.gather(find(whole.user["_id"]), find(broken.user["_id"]), return_exceptions=True)

    assert isinstance(found, tuple)
    assert found[0].user_id == whole.user["_id"]
    assert isinstance(error, ValueError)


async def test_reader_of_a_malformed_id_fails_alone(resources: Resources) -> None:
    someone = await make_account(resources)
    is_active = resources.users.users.is_active

    found, error = await asyncio.gather(is_active(someone.user["_id"]), is_active("no id"), return_exceptions=True)

    assert found is True
    assert isinstance(error, Exception)


async def test_of_accounts_asked_for_together_the_active_are_active(resources: Resources) -> None:
    active, deactivated = await make_account(resources), await make_account(resources)
    await set_fields(resources, deactivated.user["_id"], {"is_active": False})
    ids = [deactivated.user["_id"], active.user["_id"], str(ObjectId())]

    assert await asyncio.gather(*map(resources.users.users.is_active, ids)) == [False, True, False]
