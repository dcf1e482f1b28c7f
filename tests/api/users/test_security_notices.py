"""Owners are notified of security events, also when only the sweep sends the mail."""

from datetime import UTC, datetime, timedelta

from adapters.resources import Resources
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.sweep import SWEPT_SECONDS, trigger_sweep


async def test_pending_notice_is_sent_by_the_sweep(mailbox: Mailbox, resources: Resources, someone: SignedIn) -> None:
    at = datetime.now(UTC) - timedelta(minutes=1)
    event_id = resources.hashes.new_object_id()
    event = SecurityEvent(event_id, someone.user["_id"], EventKind.PASSWORD_CHANGED, at, "Firefox 145, Linux")

    await resources.users.security_events.record(event)

    await trigger_sweep(resources)

    letter = await mailbox.letter(someone.person.email, "password-changed", within=SWEPT_SECONDS)
    assert "Firefox 145, Linux" in letter["text"]

    async def closed() -> bool:
        return event_id not in await resources.users.security_events.find_open_notices(
            before=datetime.now(UTC), limit=500
        )

    assert await eventually(closed)
