"""What happened to an account, for its owner and for operators."""

from datetime import datetime

from bson import ObjectId

from adapters.mongo.client import Database


class SecurityEventStore:
    def __init__(self, database: Database) -> None:
        self._events = database["security_events"]

    async def record(self, user_id: str, *, kind: str, severity: str, at: datetime) -> None:
        event = {"user_id": ObjectId(user_id), "kind": kind, "severity": severity, "at": at}
        await self._events.insert_one(event)
