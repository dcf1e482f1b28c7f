"""Reactivation at the very moment in which the password changes."""

from datetime import UTC, datetime, timedelta

from adapters.resources import Resources
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.accounts import make_account

NOW = datetime.now(UTC).replace(microsecond=0)


async def test_password_checked_before_it_was_reset_brings_no_account_back(resources: Resources) -> None:
    user_id, new_id = (await make_account(resources)).user["_id"], resources.hashes.new_object_id
    left = SecurityEvent(new_id(), user_id, EventKind.ACCOUNT_DEACTIVATED, NOW)
    back = SecurityEvent(new_id(), user_id, EventKind.ACCOUNT_REACTIVATED, NOW)
    reset = SecurityEvent(new_id(), user_id, EventKind.PASSWORD_RESET, NOW)
    deletions, key = resources.accounts.deletions, new_id()
    await deletions.deactivate(left, deletion_key=key, deletion_at=NOW + timedelta(days=30), epoch=0)
    await resources.auth.password_hashes.reset(reset, "a hash", email_address=None, epoch=None, has_second_factor=False)

    outcomes = [await deletions.reactivate(back, epoch=epoch) for epoch in (1, 2)]

    assert outcomes == [None, key]
