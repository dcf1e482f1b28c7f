"""Devices that users have proved by a code."""

from collections.abc import Sequence

from bson import ObjectId

from adapters.mongo.client import Database, Document
from domain.auth.devices import Device

MAX_LISTED = 100


class DeviceStore:
    """Reads devices; sessions write them (SessionStore)."""

    def __init__(self, database: Database) -> None:
        self._devices = database["device_fingerprints"]

    async def is_trusted(self, user_id: str, fingerprint: str) -> bool:
        """Whether the user has proved the device with this keyed fingerprint, and it is still trusted."""
        wanted = {"user_id": ObjectId(user_id), "fingerprint_hashed": fingerprint}
        device = await self._devices.find_one(wanted, {"is_trusted": 1})
        return device is not None and bool(device.get("is_trusted"))

    async def has_trusted(self, user_id: str, device_id: str) -> bool:
        """Whether the user has this trusted device."""
        wanted = {"_id": ObjectId(device_id), "user_id": ObjectId(user_id), "is_trusted": True}
        return await self._devices.find_one(wanted, {"_id": 1}) is not None

    async def list_trusted(self, user_id: str) -> Sequence[Device]:
        """Return up to MAX_LISTED devices that the user may sign in from without a code, last seen first."""
        trusted = {"user_id": ObjectId(user_id), "is_trusted": True}
        cursor = self._devices.find(trusted).sort([("last_seen_at", -1), ("_id", -1)]).limit(MAX_LISTED)
        return [device_from(document) for document in await cursor.to_list()]


def device_from(document: Document) -> Device:
    """Return the device of a stored document."""
    return Device(
        device_id=str(document["_id"]),
        user_id=str(document["user_id"]),
        fingerprint=document["fingerprint_hashed"],
        browser=document["browser"],
        device=document["device"],
        is_trusted=document.get("is_trusted", False),
        trusted_at=document.get("trusted_at"),
        last_seen_at=document["last_seen_at"],
    )
