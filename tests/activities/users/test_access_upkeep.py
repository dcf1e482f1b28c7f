"""Grants that have run out are removed, with one occurrence each, however often it is tried."""

from datetime import timedelta

import pytest

from activities.users.access_upkeep import AccessUpkeepActivities, EndExpiredGrants
from adapters.resources import Resources
from domain.journal.occurrences import OccurrenceType
from domain.users.grants import GrantKind
from tests.support.accounts import make_account
from tests.support.occurrences import documents_of
from tests.support.people import SignedIn
from tests.support.rights import give, make_admin, right_now


@pytest.fixture
async def admin(resources: Resources) -> SignedIn:
    return await make_admin(resources)


async def expiries(resources: Resources, someone: SignedIn) -> list[str]:
    """Names of grants whose end is in the journal, or waits for its number."""
    found = await documents_of(resources, someone.user["_id"], OccurrenceType.GRANT_EXPIRED)
    return [document["public"]["name"] for document in found]


async def test_expired_grant_is_removed_once_and_a_lasting_one_stays(resources: Resources, admin: SignedIn) -> None:
    someone = await make_account(resources)
    now = right_now()
    await give(resources, admin, someone, GrantKind.PERMISSION, "audit:read", now + timedelta(hours=1))
    await give(resources, admin, someone, GrantKind.PERMISSION, "keys:read", now + timedelta(days=2))
    await give(resources, admin, someone, GrantKind.PERMISSION, "roles:read")
    upkeep = AccessUpkeepActivities(resources.users.grants)

    more = [await upkeep.end_expired_grants(EndExpiredGrants(now + timedelta(days=1))) for _ in range(2)]

    user = await resources.users.users.find(someone.user["_id"])
    assert user is not None
    assert [grant.name for grant in user.grants] == ["keys:read", "roles:read"]
    assert await expiries(resources, someone) == ["audit:read"]
    assert more == [False, False]
