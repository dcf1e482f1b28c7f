"""The commands of runbooks/key-leaked.md, run as written, for a key that has leaked."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from devstack.stack import Stack
from tests.support.accounts import make_account
from tests.support.api_keys import make_key, with_key
from tests.support.markdown_blocks import bash_blocks, run_bash

PAGE = bash_blocks("runbooks/key-leaked.md")

Run = Callable[..., Awaitable[str]]


@pytest.fixture
def run(stack: Stack) -> Run:
    """Runs one block after the set-up of the page."""

    async def run(name: str, **variables: str) -> str:
        return await run_bash(PAGE["set-up"] + PAGE[name], {"DECODE_RUN": str(stack.folder.root), **variables})

    return run


async def test_leaked_key_is_found_and_revoked_by_its_owner_and_by_an_admin(
    run: Run, api: httpx.AsyncClient, resources: Resources
) -> None:
    owner, admin = await make_account(resources), await make_account(resources)
    await resources.clients.database["users"].update_one(
        {"_id": ObjectId(admin.user["_id"])}, {"$set": {"role": "admin"}}
    )
    (first, text), (second, other) = await make_key(api, owner), await make_key(api, owner)
    of_owner = {"TOKEN": owner.session["access_token"], "FINGERPRINT": owner.person.fingerprint}
    of_admin = {"TOKEN": admin.session["access_token"], "FINGERPRINT": admin.person.fingerprint}

    found = await run("owner", KEY=text)
    used = await run("usage", KEY_ID=first["_id"], **of_owner)
    revoked = await run("revoke", KEY_ID=first["_id"], **of_owner)
    revoked += await run("revoke-of-user", KEY_ID=second["_id"], OWNER=owner.user["_id"], **of_admin)

    assert f"key {first['_id']} of user {owner.user['_id']}, until" in found
    assert "Usage found" in used
    assert revoked.count("API key revoked") == 2
    assert "revoked" in await run("owner", KEY=second["prefix"])
    assert [(await api.get("/api-keys/self", headers=with_key(key))).status_code for key in (text, other)] == [401] * 2
