"""The mail to the owner of an address that another account asks for: sent to the stored address, once a day."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.accounts.email_change import EmailChangeActivities, FindAddressHolder
from activities.delivery.mail import MailInput
from adapters.resources import Resources
from domain.delivery.mail import MailKind
from tests.support.accounts import make_account
from tests.support.people import SignedIn, new_person

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def activities(resources: Resources) -> EmailChangeActivities:
    stores = resources.accounts
    return EmailChangeActivities(
        stores.email_changes,
        stores.address_holders,
        resources.auth.session_invalidations,
        resources.hashes,
        resources.codes,
    )


async def find(
    environment: ActivityEnvironment, activities: EmailChangeActivities, address: str, *, at: datetime = NOON
) -> MailInput | None:
    """An address that another account asks for."""
    found: MailInput | None = await environment.run(
        activities.find_address_holder, FindAddressHolder("0" * 24, address, at)
    )
    return found


async def test_free_address_has_no_owner(environment: ActivityEnvironment, activities: EmailChangeActivities) -> None:
    assert await find(environment, activities, new_person().email) is None


async def test_mail_goes_to_the_address_as_it_is_stored(
    environment: ActivityEnvironment, activities: EmailChangeActivities, someone: SignedIn
) -> None:
    mail = await find(environment, activities, someone.person.email.upper())

    assert mail
    assert (mail.kind, mail.recipient) == (MailKind.ADDRESS_TAKEN, someone.person.email)


async def test_mails_of_one_day_are_one(
    environment: ActivityEnvironment, activities: EmailChangeActivities, someone: SignedIn
) -> None:
    times = (NOON, NOON + timedelta(hours=11), NOON + timedelta(days=1))

    mails = [await find(environment, activities, someone.person.email, at=at) for at in times]

    keys = [mail.key for mail in mails if mail]
    assert keys[0] == keys[1] != keys[2]
    assert someone.person.username not in keys[0]


async def test_own_address_is_free_for_oneself(
    environment: ActivityEnvironment, activities: EmailChangeActivities, resources: Resources
) -> None:
    someone = await make_account(resources)
    wanted = FindAddressHolder(someone.user["_id"], someone.person.email, NOON)

    assert await environment.run(activities.find_address_holder, wanted) is None
