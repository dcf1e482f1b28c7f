"""Deactivation ends what was being answered; reactivation at the very moment in which the password changes."""

from datetime import UTC, datetime, timedelta

from adapters.resources import Resources
from domain.assistant.turn_ends import ENDS, RoundEnd
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.accounts import make_account
from tests.support.sweep import pause_sweep
from tests.support.talks import talks_of

DONE = ENDS[RoundEnd.DONE]
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


async def test_open_turns_are_asked_to_stop_and_no_other(resources: Resources) -> None:
    talks, other = [talks_of(resources, (await make_account(resources)).user["_id"]) for _ in range(2)]
    left = SecurityEvent(resources.hashes.new_object_id(), talks.user_id, EventKind.ACCOUNT_DEACTIVATED, NOW)
    async with pause_sweep(resources):
        chats = [await each.begin_chat() for each in (talks, talks, other)]
        over = await talks.send(chats[0].chat_id)
        await talks.finish(over, DONE)
        sent = [await talks.send(chats[0].chat_id), await talks.send(chats[1].chat_id)]
        foreign = await other.send(chats[2].chat_id)

        key = resources.hashes.new_object_id()
        assert await resources.accounts.deletions.deactivate(
            left, deletion_key=key, deletion_at=NOW + timedelta(days=30), epoch=0
        )

        assert [(await talks.turn(each.turn_id)).stop_asked_at for each in (over, *sent)] == [None, NOW, NOW]
        assert (await other.turn(foreign.turn_id)).stop_asked_at is None
