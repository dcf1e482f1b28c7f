"""A journal in a database of a test's own: what runs beside the tests does not number it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bson import ObjectId

from adapters.crypto.field_cipher import FieldCipher
from adapters.crypto.keys import KeyLabel, KeyRing
from adapters.mongo.client import Client
from adapters.mongo.journal.collections import COLLECTIONS
from adapters.mongo.journal.journal import JournalStore
from adapters.mongo.journal.numbering import NumberingStore
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.journal.subject_keys import SubjectKeyStore
from adapters.mongo.schema import ensure_indexes
from domain.journal.chain import BEFORE_FIRST
from domain.journal.entries import Entry, is_next
from domain.journal.occurrences import Occurrence, OccurrenceType, user_party
from tests.support.keys import RING

AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


class OwnJournal:
    """The stores of one process on the database. `ring`: the keys that this process has."""

    def __init__(self, client: Client, database_name: str, ring: KeyRing = RING) -> None:
        self.client, self.database = client, client[database_name]
        self.keys = SubjectKeyStore(self.database, FieldCipher(ring, KeyLabel.SUBJECT_KEYS))
        self.occurrences = OccurrenceStore(self.database)
        self.journal = JournalStore(self.database, self.keys)
        self.numbering = self.another_numbering()

    def another_numbering(self) -> NumberingStore:
        """Return what another worker numbers with: it has read no head yet."""
        return NumberingStore(self.client, self.database, self.journal, self.keys)

    async def make_indexes(self) -> None:
        await ensure_indexes(self.database, COLLECTIONS)

    async def record(self, count: int = 1, **fields: object) -> Sequence[str]:
        """Let so many occurrences wait, a second apart. Returns their ids in that order."""
        new = [occurrence(at=AT + timedelta(seconds=number), **fields) for number in range(count)]
        for each in new:
            await self.occurrences.record(each)
        return [each.occurrence_id for each in new]

    async def number_all(self) -> None:
        while await self.numbering.number(datetime.now(UTC)):
            pass

    async def entries(self) -> Sequence[Entry]:
        """Return all entries but `journal.begun`, in order."""
        return (await self.journal.list_after(0, limit=100_000))[1:]

    async def is_whole(self) -> bool:
        """Whether each entry follows the one before, from the first to the head."""
        link = BEFORE_FIRST
        for entry in await self.journal.list_after(0, limit=100_000):
            if not is_next(entry, link):
                return False
            link = entry.link
        head = await self.journal.find_head()
        return head is not None and head.link == link


def occurrence(*, at: datetime = AT, **fields: object) -> Occurrence:
    """Return an occurrence between two new users, with a word about each."""
    actor, subject = user_party(str(ObjectId())), user_party(str(ObjectId()))
    values = {
        "actor": actor,
        "subject": subject,
        "public": {"from": "user", "to": "editor"},
        "actor_words": {"device": "a laptop"},
        "subject_words": {"reason": "asked for it"},
    }
    return Occurrence(str(ObjectId()), OccurrenceType.ROLE_ASSIGNED, at, **(values | fields))  # type: ignore[arg-type]
