"""The record of who reads the journal. What cannot be recorded is not read."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.mongo.journal.occurrences import OccurrenceStore
from api.access.request_context import RequestContext
from domain.journal.occurrences import Fact, Occurrence, OccurrenceType, user_party


@dataclass(frozen=True)
class Reader:
    """The user who reads the journal with this request."""

    occurrences: OccurrenceStore
    user_id: str
    context: RequestContext

    async def record(self, asked: Mapping[str, Fact]) -> None:
        """Record the reading, before it is answered. `asked`: what for, without anything personal."""
        await self.occurrences.record(
            Occurrence(
                self.context.hashes.new_object_id(),
                OccurrenceType.AUDIT_READ,
                self.context.now,
                actor=user_party(self.user_id),
                subject=None,
                public=asked,
            )
        )
