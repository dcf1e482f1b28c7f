"""The last number and the unread count of a user's notifications, as sent when a socket opens."""

from datetime import UTC, datetime

from bson import ObjectId

from adapters.mongo.notifications.inboxes import InboxState
from adapters.resources import Resources
from tests.support.notifications import store_and_push


async def test_each_user_has_separate_last_seq_and_unread_count(resources: Resources) -> None:
    first, second, unknown_id = (str(ObjectId()) for _ in range(3))
    await store_and_push(resources, first, 3)
    await store_and_push(resources, second, 2)
    await resources.notifications.notifications.mark_all_read(second, datetime.now(UTC))
    await store_and_push(resources, second)

    states = await resources.notifications.inboxes.find_states([first, second, unknown_id])

    assert states == {first: InboxState(3, 3), second: InboxState(3, 1), unknown_id: InboxState(0, 0)}


async def test_what_comes_after_the_number_is_not_counted(resources: Resources) -> None:
    """As when the third is stored between the two queries: the client gets it, and counts it."""
    someone = str(ObjectId())
    await store_and_push(resources, someone, 3)
    whose = {"user_id": ObjectId(someone)}
    await resources.clients.database["inboxes"].update_one(whose, {"$set": {"last_seq": 2}})

    states = await resources.notifications.inboxes.find_states([someone])

    assert states == {someone: InboxState(2, 2)}
