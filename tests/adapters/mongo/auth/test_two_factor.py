"""Second factors after a new root key: sealed anew, the same secret, and none of them lost."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from bson import ObjectId

from adapters.crypto.field_cipher import FieldCipher
from adapters.crypto.keys import KeyLabel
from adapters.crypto.totp import Totp
from adapters.mongo.auth.two_factor import TwoFactorStore
from adapters.resources import Resources
from tests.adapters.crypto.rings import OLD, ROTATED, ROTATED_AWAY

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Stores:
    """Stores of the same second factors with other key rings, in a database of the test's own."""

    def __init__(self, resources: Resources, database: str) -> None:
        clients, self.database = resources.clients, resources.clients.mongo[database]
        events = resources.users.security_events
        self.before, self.rotated, self.after = (
            TwoFactorStore(clients.mongo, self.database, events, FieldCipher(ring, KeyLabel.OTP_SECRETS), Totp(ring))
            for ring in (OLD, ROTATED, ROTATED_AWAY)
        )


@pytest.fixture
async def stores(resources: Resources) -> AsyncIterator[Stores]:
    stores = Stores(resources, f"two_factor_{secrets.token_hex(4)}")
    yield stores
    await resources.clients.mongo.drop_database(stores.database.name)


async def test_resealed_secret_outlives_the_old_key(stores: Stores) -> None:
    user_id = str(ObjectId())
    await stores.before.set_up(user_id, b"a secret of twenty b", NOW)

    assert await stores.rotated.reencrypt(limit=10) == 1

    found = await stores.after.find(user_id)
    assert found is not None
    assert found.secret == b"a secret of twenty b"


async def test_resealing_goes_on_until_all_are_done(stores: Stores) -> None:
    for _ in range(5):
        await stores.before.set_up(str(ObjectId()), b"a secret of twenty b", NOW)

    assert [await stores.rotated.reencrypt(limit=2) for _ in range(4)] == [2, 2, 1, 0]
