"""Accounts. Every change that the graph shows raises `profile_version` and opens the sync intent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from pymongo import UpdateOne

from adapters.mongo.client import Database, Document
from adapters.mongo.documents import documents_by_id
from adapters.mongo.shards import in_shard
from domain.users.grants import Grant, GrantKind
from domain.users.users import GraphUser, OpenChange, Role, User

OLDEST_INTENT_FIRST = [("sync_open_since", 1)]
NEWEST_INTENT_FIRST = [("sync_open_since", -1)]
WAITING: Document = {"sync_open_since": {"$exists": True}, "sync_failed_at": None}
ONLY_ACTIVE = {"$match": {"is_active": True}}
ONLY_ID = {"$project": {"_id": 1}}

SYNCED: Document = {"sync_open_since": "", "sync_failed_at": ""}
PROFILE_FIELDS: Mapping[str, tuple[type, ...]] = {
    "username": (str,),
    "display_name": (str,),
    "role": (str,),
    "avatar_ipfs_hash": (str, type(None)),
    "is_active": (bool,),
    "profile_version": (int,),
}
"""Fields and types of a profile, checked here: Neo4j would reject a wrong type with its whole batch of a thousand."""


@dataclass(frozen=True)
class UnsyncedAccount:
    """An account with an open sync intent. `profile`: None for a document with a field missing or of a wrong type."""

    user_id: str
    profile: GraphUser | None


class UserStore:
    """Reads accounts and closes their sync intents. Missing accounts are None or False."""

    def __init__(self, database: Database) -> None:
        self._users = database["users"]
        self._active_ids = documents_by_id(self._users, ONLY_ACTIVE, ONLY_ID)

    async def find(self, user_id: str) -> User | None:
        """Return the account, active or not."""
        document = await self._users.find_one({"_id": ObjectId(user_id)})
        return user_from(document) if document else None

    async def find_by_login_key(self, login_key: str) -> User | None:
        """Return the account with this username key or canonical address, active or not."""
        document = await self._users.find_one(login_query(login_key))
        return user_from(document) if document else None

    async def find_id_by_username(self, username_key: str) -> str | None:
        """Return the id of the account with this username."""
        document = await self._users.find_one({"username_key": username_key}, {"_id": 1})
        return str(document["_id"]) if document else None

    async def find_graph_user(self, user_id: str) -> GraphUser | None:
        """Return the part of the account that the graph shows. Raises UnreadableAccount."""
        document = await self._users.find_one({"_id": ObjectId(user_id)})
        return graph_user_from(document) if document else None

    async def exists(self, user_id: str) -> bool:
        """Whether the account exists, active or not."""
        return await self._users.find_one({"_id": ObjectId(user_id)}, {"_id": 1}) is not None

    async def is_active(self, user_id: str) -> bool:
        """Whether the account exists and is not deactivated. An account active a moment ago is not erased yet."""
        return await self._active_ids.run(ObjectId(user_id)) is not None

    async def find_active_graph_users(self, user_ids: Sequence[str]) -> Mapping[str, GraphUser]:
        """Return the part that the graph shows of active accounts that can be read, by id; other ids are left out.

        An account active a moment ago is not erased yet, so its node may be written.
        """
        active = {"_id": {"$in": list(map(ObjectId, user_ids))}, "is_active": True}
        found = [readable_graph_user(document) async for document in self._users.find(active)]
        return {user.user_id: user for user in found if user}

    async def find_usernames(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the usernames of active accounts by id; other ids are left out."""
        active = {"_id": {"$in": list(map(ObjectId, user_ids))}, "is_active": True}
        found = await self._users.find(active, {"username": 1}).to_list()
        return {str(document["_id"]): document["username"] for document in found}

    async def mark_synced(self, user_id: str, version: int) -> bool:
        """Close the sync intent, unless the account has changed since `version`. Returns whether it was closed."""
        return (await self._users.update_one(_unchanged(user_id, version), _synced(version))).matched_count == 1

    async def mark_many_synced(self, profiles: Sequence[GraphUser]) -> int:
        """Close the sync intents of those accounts that have not changed since. Returns how many it closed."""
        versions = [(profile.user_id, profile.profile_version) for profile in profiles]
        closings = [UpdateOne(_unchanged(user_id, version), _synced(version)) for user_id, version in versions]
        return (await self._users.bulk_write(closings, ordered=False)).matched_count

    async def set_aside(self, user_ids: Sequence[str], now: datetime) -> None:
        """Take the accounts' intents out of the batches until they are changed or synced."""
        these = {"_id": {"$in": list(map(ObjectId, user_ids))}, "sync_open_since": {"$exists": True}}
        await self._users.update_many(these, {"$set": {"sync_failed_at": now}})

    async def find_unsynced(self, suffixes: Sequence[str], *, limit: int) -> Sequence[UnsyncedAccount]:
        """Return the accounts of a shard whose intents are open and not set aside, oldest first."""
        open_intents = WAITING | in_shard("_id", suffixes)
        cursor = self._users.find(open_intents, dict.fromkeys(PROFILE_FIELDS, 1))
        documents = await cursor.sort(OLDEST_INTENT_FIRST).limit(limit).to_list()
        return [UnsyncedAccount(str(document["_id"]), readable_graph_user(document)) for document in documents]

    async def find_newest_unsynced(self, *, limit: int) -> Sequence[GraphUser]:
        """Return the parts that the graph shows of accounts whose intents are open and not set aside, newest first;
        without those that cannot be read.
        """
        cursor = self._users.find(WAITING, dict.fromkeys(PROFILE_FIELDS, 1))
        documents = await cursor.sort(NEWEST_INTENT_FIRST).limit(limit).to_list()
        return [user for user in map(readable_graph_user, documents) if user]

    async def find_names(self, user_ids: Sequence[str]) -> Mapping[str, str | None]:
        """Return usernames by id, None for a deactivated account; ids without an account are left out."""
        among = {"_id": {"$in": list(map(ObjectId, user_ids))}}
        found = await self._users.find(among, {"username": 1, "is_active": 1}).to_list()
        return {str(document["_id"]): document["username"] if document["is_active"] else None for document in found}

    async def find_missing(self, user_ids: Sequence[str]) -> Sequence[str]:
        """Return those ids that have no account (any more)."""
        found = self._users.find({"_id": {"$in": list(map(ObjectId, user_ids))}}, {"_id": 1})
        existing = {str(document["_id"]) async for document in found}
        return [user_id for user_id in user_ids if user_id not in existing]

    async def find_open_syncs(self, *, before: datetime, limit: int) -> Sequence[tuple[str, datetime]]:
        """Return ids and times of intents opened before `before` and not set aside, oldest first."""
        return await self._open_syncs({"sync_open_since": {"$lt": before}, "sync_failed_at": None}, limit)

    async def find_failed_syncs(self, *, limit: int) -> Sequence[tuple[str, datetime]]:
        """Return ids and times of intents that are set aside, oldest first."""
        return await self._open_syncs({"sync_open_since": {"$exists": True}, "sync_failed_at": {"$ne": None}}, limit)

    async def _open_syncs(self, query: Document, limit: int) -> Sequence[tuple[str, datetime]]:
        cursor = self._users.find(query, {"sync_open_since": 1}).sort(OLDEST_INTENT_FIRST).limit(limit)
        return [(str(document["_id"]), document["sync_open_since"]) async for document in cursor]


def login_query(login_key: str) -> Document:
    """Return the query for the account with this username key or canonical address."""
    return {"email_key" if "@" in login_key else "username_key": login_key}


def with_sync_intent(changed: Document, now: datetime) -> Document:
    """Return the update that changes these fields of an account and opens the sync intent, in one write.

    An intent that is open already keeps its time. One that was set aside is tried again.
    """
    return {
        "$set": {**changed, "updatedAt": now},
        "$inc": {"profile_version": 1},
        "$min": {"sync_open_since": now},
        "$unset": {"sync_failed_at": ""},
    }


def _unchanged(user_id: str, version: int) -> Document:
    return {"_id": ObjectId(user_id), "profile_version": version}


def _synced(version: int) -> Document:
    return {"$set": {"synced_version": version}, "$unset": SYNCED}


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
        grants=tuple(map(_grant, document.get("grants", ()))),
    )


def _grant(document: Document) -> Grant:
    return Grant(
        grant_id=str(document["id"]),
        kind=GrantKind(document["kind"]),
        name=document["name"],
        until=document["until"],
        reason=document["reason"],
        by=str(document["by"]),
        at=document["at"],
    )


def _open_changes(document: Document) -> Iterator[OpenChange]:
    """Yield the open changes but those that began before all sessions were ended: they are over."""
    for change in document.get("open_changes", {}).values():
        if change.get("epoch") in (None, document["session_epoch"]):
            yield OpenChange(change["flow"]["key_id"], change["flow"]["data"])


class UnreadableAccount(Exception):
    """A field that the graph shows is missing or of a wrong type. Retryable: it waits for a repair by hand."""


def graph_user_from(document: Document) -> GraphUser:
    """Return the part of a stored account that the graph shows.

    Raises UnreadableAccount: a node with a value of a wrong type would fail every search that finds it.
    """
    is_whole = all(isinstance(document.get(name), kinds) for name, kinds in PROFILE_FIELDS.items())
    if not is_whole or document["role"] not in [*Role]:
        raise UnreadableAccount
    return GraphUser(
        user_id=str(document["_id"]),
        username=document["username"],
        display_name=document["display_name"],
        role=Role(document["role"]),
        avatar_ipfs_hash=document["avatar_ipfs_hash"],
        is_active=document["is_active"],
        profile_version=document["profile_version"],
    )


def readable_graph_user(document: Document) -> GraphUser | None:
    """Return the part that the graph shows; None for a document with a field missing or of a wrong type."""
    try:
        return graph_user_from(document)
    except UnreadableAccount:
        return None
