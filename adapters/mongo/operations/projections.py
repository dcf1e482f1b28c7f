"""Accounts as the graph must show them, read in batches in the order of their ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from adapters.mongo.client import Database, Document
from adapters.mongo.users.users import PROFILE_FIELDS, readable_graph_user, with_sync_intent
from domain.operations.graph_reconcile import AccountVersion
from domain.users.users import GraphUser

BY_ID = [("_id", 1)]
VERSION_FIELDS = {"profile_version": 1, "sync_open_since": 1}


@dataclass(frozen=True)
class ProfileBatch:
    """Profiles of a batch of accounts. `unreadable`: ids of malformed documents; `last`: the last id of the batch."""

    users: Sequence[GraphUser]
    unreadable: Sequence[str]
    last: str | None


class ProjectionStore:
    """Reads versions and profiles of accounts, for comparing and rebuilding the graph."""

    def __init__(self, database: Database) -> None:
        self._users = database["users"]

    async def versions_after(self, user_id: str, *, limit: int) -> Mapping[str, AccountVersion]:
        """Return versions of up to `limit` accounts with ids above `user_id` (empty: from the first), in order."""
        found = self._users.find(_after(user_id), VERSION_FIELDS).sort(BY_ID).limit(limit)
        return {str(document["_id"]): _version(document) async for document in found}

    async def versions(self, user_ids: Sequence[str]) -> Mapping[str, AccountVersion]:
        """Return the versions of those accounts that exist. An invalid id matches none."""
        found = self._users.find(_among(user_ids), VERSION_FIELDS)
        return {str(document["_id"]): _version(document) async for document in found}

    async def profiles_after(self, user_id: str, *, limit: int) -> ProfileBatch:
        """Return up to `limit` complete profiles with ids above this one, in the order of their ids."""
        return await self._profiles(_after(user_id), limit)

    async def profiles(self, user_ids: Sequence[str]) -> ProfileBatch:
        """Return the profiles of those accounts that exist; erased ones are left out."""
        return await self._profiles(_among(user_ids), len(user_ids))

    async def find_missing(self, user_ids: Sequence[str]) -> Sequence[str]:
        """Return those ids that have no account (any more)."""
        found = self._users.find(_among(user_ids), {"_id": 1})
        existing = {str(document["_id"]) async for document in found}
        return [user_id for user_id in user_ids if user_id not in existing]

    async def raise_version(self, user_id: str, *, seen: int, node: int, now: datetime) -> None:
        """Raise a version that is behind its own node to one above the node's, so that the account takes effect again.

        `seen`: the account's version as read; a later change wins. `node`: the node's version.
        """
        raised = with_sync_intent({}, now)
        raised["$inc"] = {"profile_version": node + 1 - seen}
        await self._users.update_one({"_id": ObjectId(user_id), "profile_version": seen}, raised)

    async def _profiles(self, query: Document, limit: int) -> ProfileBatch:
        documents = await self._users.find(query, dict.fromkeys(PROFILE_FIELDS, 1)).sort(BY_ID).limit(limit).to_list()
        users = [(str(document["_id"]), readable_graph_user(document)) for document in documents]
        return ProfileBatch(
            users=[user for _, user in users if user],
            unreadable=[user_id for user_id, user in users if not user],
            last=users[-1][0] if users else None,
        )


def _after(user_id: str) -> Document:
    return {"_id": {"$gt": ObjectId(user_id)}} if user_id else {}


def _among(user_ids: Sequence[str]) -> Document:
    return {"_id": {"$in": [ObjectId(user_id) for user_id in user_ids if ObjectId.is_valid(user_id)]}}


def _version(document: Document) -> AccountVersion:
    version = document.get("profile_version")
    return AccountVersion(version if isinstance(version, int) else 0, document.get("sync_open_since"))
