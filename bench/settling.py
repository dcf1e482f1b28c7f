"""Whether the stack still works on what it was asked: open intents."""

from datetime import UTC, datetime, timedelta

from adapters.resources import Resources


async def owes_nothing(resources: Resources) -> bool:
    """Whether no intent is open: no sync, no notice, no notification of an event or of a follow, no turn."""
    soon = datetime.now(UTC) + timedelta(hours=1)
    events = resources.users.security_events
    return not (
        await resources.users.users.find_open_syncs(before=soon, limit=1)
        or await events.find_open_notices(before=soon, limit=1)
        or await events.find_unnotified_users(before=soon, limit=1)
        or await resources.social.pending_follows.list_pending_users(before=soon, limit=1)
        or await resources.assistant.upkeep.find_oldest_open()
    )
