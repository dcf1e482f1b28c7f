"""API keys when much happens to them at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.failures import is_unavailable
from adapters.mongo.auth.api_key_uses import KeyUses
from adapters.resources import Resources
from domain.auth.api_keys import MAX_KEYS_PER_USER, ApiKey, DayOfUse, KeySecret
from domain.auth.errors import ApiKeyLimit
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.accounts import make_account
from tests.support.people import SignedIn

MANY = 200
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
async def owner(resources: Resources) -> SignedIn:
    return await make_account(resources)


def new_key(resources: Resources, owner: SignedIn) -> ApiKey:
    seed = resources.hashes.new_object_id()
    return ApiKey(
        key_id=seed,
        user_id=owner.user["_id"],
        name="report",
        prefix=resources.auth.api_key_secrets.new_prefix(seed),
        scopes=["profile:read"],
        secrets=[KeySecret(b"first", NOW)],
        limit=None,
        networks=[],
        epoch=0,
        expires_at=NOW + timedelta(days=1),
        created_at=NOW,
    )


def event(resources: Resources, owner: SignedIn, kind: EventKind) -> SecurityEvent:
    return SecurityEvent(resources.hashes.new_object_id(), owner.user["_id"], kind, NOW)


def refusals(answers: Sequence[object]) -> list[BaseException]:
    """What went wrong but for the driver giving up among so many: the API answers 503 to that, and nothing is done."""
    return [each for each in answers if isinstance(each, BaseException) and not is_unavailable(each)]


async def test_keys_made_at_once_end_at_twenty(resources: Resources, owner: SignedIn) -> None:
    keys = [new_key(resources, owner) for _ in range(MANY)]
    store = resources.auth.api_keys

    answers = await asyncio.gather(
        *[store.create(key, event(resources, owner, EventKind.API_KEY_CREATED), None) for key in keys],
        return_exceptions=True,
    )

    made = [key.key_id for key, answer in zip(keys, answers, strict=True) if answer is None]
    assert len(made) == MAX_KEYS_PER_USER
    assert {type(each) for each in refusals(answers)} == {ApiKeyLimit}
    assert {key.key_id for key in await store.list_keys(owner.user["_id"])} == {*made}


async def test_rotations_at_once_leave_the_last_two_secrets(resources: Resources, owner: SignedIn) -> None:
    key, store = new_key(resources, owner), resources.auth.api_keys
    await store.create(key, event(resources, owner, EventKind.API_KEY_CREATED), None)

    async def rotate(number: int) -> bytes:
        rotated = event(resources, owner, EventKind.API_KEY_ROTATED)
        secret = b"secret %d" % number
        await store.rotate(key.key_id, secret, timedelta(hours=1), rotated, lambda _: None)
        return secret

    answers = await asyncio.gather(*map(rotate, range(MANY)), return_exceptions=True)

    left = await store.find(owner.user["_id"], key.key_id)
    assert left is not None
    assert len(left.secrets) == 2
    assert refusals(answers) == []
    assert {secret.hash for secret in left.secrets} <= {each for each in answers if isinstance(each, bytes)}


async def test_uses_are_added_up_over_processes(resources: Resources, owner: SignedIn) -> None:
    key, uses = new_key(resources, owner), resources.auth.api_key_uses
    await resources.auth.api_keys.create(key, event(resources, owner, EventKind.API_KEY_CREATED), None)
    one = KeyUses(key.key_id, DayOfUse("2026-11-29", 2, 1, ["GET /a"]), NOW, "203.0.113.0/24")
    other = replace(one, counts=DayOfUse("2026-11-29", 3, 0, ["GET /b"]))

    await asyncio.gather(uses.add([one]), uses.add([other]))

    stored = await uses.find(owner.user["_id"], key.key_id)
    assert stored == {"2026-11-29": DayOfUse("2026-11-29", 5, 1, ["GET /a", "GET /b"])}


async def test_uses_of_an_erased_key_are_dropped(resources: Resources, owner: SignedIn) -> None:
    key_id = resources.hashes.new_object_id()

    await resources.auth.api_key_uses.add([KeyUses(key_id, DayOfUse("2026-11-29", 1, 0, []), NOW, "unknown")])

    assert await resources.auth.api_key_uses.find(owner.user["_id"], key_id) is None
