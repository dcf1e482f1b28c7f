"""Accounts. Every change that the graph shows raises `profile_version` and opens the sync intent."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bson import ObjectId

from adapters.mongo.client import Database, Document
from adapters.mongo.documents import documents_by_id
from domain.users.users import GraphUser, OpenChange, Role, User

OLDEST_INTENT_FIRST = [("sync_open_since", 1)]
ONLY_ACTIVE = {"$match": {"is_active": True}}
ONLY_ID = {"$project": {"_id": 1}}


class UserStore:
    """Reads accounts and closes their sync intents. Missing accounts are None or False."""

    def __init__(self, database: Database) -> None:
        self._users = database["users"]
        self._active_ids = documents_by_id(self._users, ONLY_ACTIVE, ONLY_ID)

    async def find(self, user_id: str) -> User | None:
        """Return the account, active or not."""
        document = await self._users.find_one({"_id": ObjectId(user_id)})
        return user_from(document) if document else None

    async def find_credentials(self, login_key: str) -> tuple[User, str] | None:
        """Return account and password hash by username key or canonical address, in one round trip."""
        document = await self._users.find_one({"email_key" if "@" in login_key else "username_key": login_key})
        return (user_from(document), document["password_hashed"]) if document else None

    async def find_id_by_username(self, username_key: str) -> str | None:
        """Return the id of the account with this username."""
        document = await self._users.find_one({"username_key": username_key}, {"_id": 1})
        return str(document["_id"]) if document else None

    async def find_graph_user(self, user_id: str) -> GraphUser | None:
        """Return the part of the account that the graph shows."""
        document = await self._users.find_one({"_id": ObjectId(user_id)})
        return graph_user_from(document) if document else None

    async def exists(self, user_id: str) -> bool:
        """Whether the account exists, active or not."""
        return await self._users.find_one({"_id": ObjectId(user_id)}, {"_id": 1}) is not None

    async def is_active(self, user_id: str) -> bool:
        """Whether the account exists and is not deactivated. An account active a moment ago is not erased yet."""
        return await self._active_ids.run(ObjectId(user_id)) is not None

    async def find_active_graph_users(self, user_ids: Sequence[str]) -> Mapping[str, GraphUser]:
        """Return the part that the graph shows of active accounts, by id; other ids are left out.

        An account active a moment ago is not erased yet, so its node may be written.
        """
        active = {"_id": {"$in": list(map(ObjectId, user_ids))}, "is_active": True}
        return {str(document["_id"]): graph_user_from(document) async for document in self._users.find(active)}

    async def find_usernames(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the usernames of active accounts by id; other ids are left out."""
        active = {"_id": {"$in": list(map(ObjectId, user_ids))}, "is_active": True}
        found = await self._users.find(active, {"username": 1}).to_list()
        return {str(document["_id"]): document["username"] for document in found}

    async def mark_synced(self, user_id: str, version: int) -> bool:
        """Close the sync intent, unless the account has changed since `version`. Returns whether it was closed."""
        unchanged = {"_id": ObjectId(user_id), "profile_version": version}
        closing: Document = {"$set": {"synced_version": version}, "$unset": {"sync_open_since": ""}}
        return (await self._users.update_one(unchanged, closing)).matched_count == 1

    async def find_open_syncs(self, *, before: datetime, limit: int) -> Sequence[tuple[str, datetime]]:
        """Return ids and times of intents opened before `before`, oldest first, from the partial index."""
        cursor = self._users.find({"sync_open_since": {"$lt": before}}, {"sync_open_since": 1})
        documents = await cursor.sort(OLDEST_INTENT_FIRST).limit(limit).to_list()
        return [(str(document["_id"]), document["sync_open_since"]) for document in documents]


def with_sync_intent(changed: Document, now: datetime) -> Document:
    """Return the update that changes these fields of an account and opens the sync intent, in one write.

    An intent that is open already keeps its time.
    """
    return {
        "$set": {**changed, "updatedAt": now},
        "$inc": {"profile_version": 1},
        "$min": {"sync_open_since": now},
    }


def user_from(document: Document) -> User:
    """Return the account of a stored document."""
    return User(
        user_id=str(document["_id"]),
        username=document["username"],
        email_address=document["email"],
        display_name=document["display_name"],
        bio=document["bio"],
        avatar_ipfs_hash=document["avatar_ipfs_hash"],
        role=Role(document["role"]),
        is_active=document["is_active"],
        session_epoch=document["session_epoch"],
        last_login=document["last_login"],
        created_at=document["createdAt"],
        updated_at=document["updatedAt"],
        open_changes=tuple(_open_changes(document)),
    )


def _open_changes(document: Document) -> Iterator[OpenChange]:
    """Yield the open changes but those that began before all sessions were ended: they are over."""
    for change in document.get("open_changes", {}).values():
        if change.get("epoch") in (None, document["session_epoch"]):
            yield OpenChange(change["flow"]["key_id"], change["flow"]["data"])


def graph_user_from(document: Document) -> GraphUser:
    """Return the part of a stored account that the graph shows."""
    return GraphUser(
        user_id=str(document["_id"]),
        username=document["username"],
        display_name=document["display_name"],
        role=Role(document["role"]),
        avatar_ipfs_hash=document["avatar_ipfs_hash"],
        is_active=document["is_active"],
        profile_version=document["profile_version"],
    )
