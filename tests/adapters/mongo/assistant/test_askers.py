"""Who has asked is found until the session has ended, or the API key is no longer in force."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.mongo.assistant.askers import Asker
from adapters.resources import Resources
from domain.auth.key_format import PREFIX_LENGTH
from tests.support.accounts import make_account
from tests.support.api_keys import store_key

SCOPES = ("assistant:write", "profile:read")


async def test_session_asks_without_scopes_until_it_ends(resources: Resources) -> None:
    session_id, now = (await make_account(resources)).session["_id"], datetime.now(UTC)

    found = await resources.assistant.askers.find(session_id, now)
    await resources.auth.sessions.end(session_id, now)

    assert found == Asker()
    assert await resources.assistant.askers.find(session_id, now) is None


@pytest.mark.parametrize("is_over", [False, True], ids=["in force", "over"])
async def test_key_asks_with_its_scopes_while_it_is_in_force(resources: Resources, is_over: bool) -> None:
    owner = await make_account(resources)
    key = await store_key(resources, owner.user["_id"], SCOPES)

    found = await resources.assistant.askers.find(key[:PREFIX_LENGTH], datetime.now(UTC) + timedelta(days=2 * is_over))

    assert found == (None if is_over else Asker(SCOPES))


async def test_those_who_never_were_are_not_found(resources: Resources) -> None:
    askers, now = resources.assistant.askers, datetime.now(UTC)

    assert await askers.find_many(["0" * 24, "dk_test_000000000000"], now) == {}
    assert await askers.find(None, now) == Asker()
