"""One read says all that a sign-in by password is judged by."""

from datetime import UTC, datetime

import pytest

from adapters.resources import Resources
from domain.auth.credentials import Credentials
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.people import SignedIn

NOW = datetime.now(UTC).replace(microsecond=0)


async def credentials(resources: Resources, someone: SignedIn) -> Credentials:
    found = await resources.auth.credentials.find(someone.person.username)
    assert found is not None
    return found


@pytest.mark.parametrize("field", ["username", "email"])
async def test_account_is_found_by_name_and_by_address(resources: Resources, someone: SignedIn, field: str) -> None:
    found = await resources.auth.credentials.find(getattr(someone.person, field))

    assert found is not None
    assert found.user.user_id == someone.user["_id"]
    assert not found.has_second_factor
    assert found.password_hashed.startswith("$argon2id$")


async def test_unknown_name_has_no_credentials(resources: Resources) -> None:
    assert await resources.auth.credentials.find("no-user-has-this-name") is None


async def test_device_is_among_the_trusted_until_it_is_revoked(resources: Resources, someone: SignedIn) -> None:
    user_id = someone.user["_id"]
    keyed = resources.hashes.fingerprint_hash(user_id, someone.person.fingerprint)
    before = await credentials(resources, someone)
    session = await resources.auth.sessions.find(someone.session["_id"])
    assert session is not None
    revoked = SecurityEvent(resources.hashes.new_object_id(), user_id, EventKind.DEVICE_REVOKED, NOW)

    await resources.auth.sessions.revoke_device(session.device_id, revoked)

    assert before.trusted_fingerprints == {keyed}
    assert (await credentials(resources, someone)).trusted_fingerprints == set()


async def test_second_factor_counts_from_its_proof_on(resources: Resources, someone: SignedIn) -> None:
    factors, user_id = resources.auth.two_factors, someone.user["_id"]
    await factors.set_up(user_id, b"a secret of twenty b", NOW)
    pending = await factors.find(user_id)
    assert pending is not None
    before = await credentials(resources, someone)
    enabled = SecurityEvent(resources.hashes.new_object_id(), user_id, EventKind.TWO_FACTOR_ENABLED, NOW)

    await factors.enable(enabled, pending, step=1, recovery_hashes=[])

    assert not before.has_second_factor
    assert (await credentials(resources, someone)).has_second_factor
