"""Inboxes for tests: what is owed to a user, what is stored for them, and an inbox that refuses."""

from datetime import UTC, datetime

from bson import ObjectId

from adapters.resources import Resources
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.graph import graph_users
from tests.support.people import SignedIn


async def follow(resources: Resources, by: SignedIn, whom: SignedIn, at: datetime | None = None) -> None:
    """Write the edge with its intent; wake nobody."""
    await resources.social.follows.follow(*await graph_users(resources, by, whom), at or datetime.now(UTC))


async def happens(resources: Resources, *people: SignedIn) -> None:
    for someone in people:
        event_id = resources.hashes.new_object_id()
        event = SecurityEvent(event_id, someone.user["_id"], EventKind.ROLE_CHANGED, datetime.now(UTC), "Laptop")
        await resources.users.security_events.record(event)


async def inbox(resources: Resources, someone: SignedIn) -> list[tuple[int, str]]:
    """Return number and text of the user's notifications, oldest first."""
    mine = {"user_id": ObjectId(someone.user["_id"])}
    found = resources.clients.database["notifications"].find(mine).sort("seq")
    return [(document["seq"], document["message"]) async for document in found]


async def owed_follows(resources: Resources, someone: SignedIn) -> int:
    return len(await resources.social.pending_follows.list_pending(someone.user["_id"], limit=1_000))


async def owed_events(resources: Resources, someone: SignedIn) -> int:
    mine = {"user_id": ObjectId(someone.user["_id"]), "notification_open_since": {"$exists": True}}
    return await resources.clients.database["security_events"].count_documents(mine)


def told(*people: SignedIn) -> list[tuple[int, str]]:
    return [(seq, f"{each.person.username} just followed you") for seq, each in enumerate(people, start=1)]


async def break_inbox(resources: Resources, someone: SignedIn) -> None:
    """The number that comes next is taken: whatever is stored for this user is refused."""
    mine = {"user_id": ObjectId(someone.user["_id"])}
    await resources.clients.database["notifications"].insert_one(
        {**mine, "seq": 1, "dedupe_key": "taken", "message": "taken", "createdAt": datetime.now(UTC)}
    )


async def repair_inbox(resources: Resources, someone: SignedIn) -> None:
    mine = {"user_id": ObjectId(someone.user["_id"])}
    await resources.clients.database["inboxes"].update_one(mine, {"$set": {"last_seq": 1}}, upsert=True)
