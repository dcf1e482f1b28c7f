"""Devices that an account has proved."""

from bson import ObjectId

from adapters.mongo.client import Database
from domain.devices import Device


class DeviceStore:
    def __init__(self, database: Database) -> None:
        self._devices = database["device_fingerprints"]

    async def find(self, user_id: str, fingerprint: str) -> Device | None:
        """The device with this keyed fingerprint, if the account has ever proved it."""
        wanted = {"user_id": ObjectId(user_id), "fingerprint_hashed": fingerprint}
        document = await self._devices.find_one(wanted)
        return Device(str(document["_id"]), user_id, document["is_trusted"]) if document else None
