"""A journal of a test's own with its checkpoints, and the activities on it."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from temporalio.testing import ActivityEnvironment

from activities.operations.audit_verify import AuditVerifyActivities, Verified, VerifyJournal
from activities.operations.journal_checkpoint import JournalCheckpointActivities, SignedHead, SignHead
from activities.operations.journal_verification import JournalSources
from adapters.crypto.checkpoint_tokens import CheckpointTokens
from adapters.files.anchor_file import AnchorFile
from adapters.mongo.client import Client
from adapters.mongo.journal.chain import ChainStore
from adapters.mongo.journal.checkpoints import CheckpointStore
from domain.journal.chain import Link
from domain.journal.entries import Content, Entry, append
from tests.support.journal import OwnJournal
from tests.support.keys import HASHES

AUDITORS = ("ann@auditors.test", "bob@auditors.test")
NEWEST = 11
FIRST_SIGNED, SIGNED = 5, 9
"""Of the journal that the fixture has written."""
SEEDS = {"k1": bytes(range(32))}


class CheckedJournal(OwnJournal):
    """A journal that is signed and verified. `folder`: of its anchor file."""

    def __init__(self, client: Client, folder: Path) -> None:
        super().__init__(client, f"journal_{secrets.token_hex(4)}")
        self.chain, self.checkpoints = ChainStore(self.database), CheckpointStore(self.database)
        self.tokens, self.anchor_file = CheckpointTokens(SEEDS, {}), AnchorFile(folder / "anchors")
        self.signing = JournalCheckpointActivities(
            self.journal,
            self.chain,
            self.checkpoints,
            self.tokens,
            self.anchor_file,
            self.occurrences,
            HASHES,
            AUDITORS,
        )
        self.verifying = self.verifying_by(self.chain)

    def verifying_by(self, chain: ChainStore) -> AuditVerifyActivities:
        """Return the activities that read the chain by this store."""
        sources = JournalSources(self.journal, chain, self.checkpoints, self.tokens, self.anchor_file)
        return AuditVerifyActivities(sources, self.occurrences, HASHES, AUDITORS)

    async def add(self, count: int) -> None:
        """Let so much happen, and number it."""
        await self.record(count)
        await self.number_all()

    async def sign(self, owner: str | None = None, at: datetime | None = None) -> SignedHead | None:
        """Sign the newest place, as the workflow `owner` or as a new one, now or at another moment."""
        return await self.signing.sign(SignHead(owner or secrets.token_hex(4), at or datetime.now(UTC)))

    async def verify(self, command: VerifyJournal | None = None, *, after: tuple[object, ...] = ()) -> Verified:
        """Verify as an attempt whose predecessor had sent these details with its last heartbeat."""
        environment = ActivityEnvironment()
        environment.info = replace(environment.info, heartbeat_details=after)
        found: Verified = await environment.run(self.verifying.verify, command or VerifyJournal())
        return found


async def anchor(journal: CheckedJournal, at: datetime | None = None) -> None:
    signed = await journal.sign(at=at)
    assert signed
    await journal.signing.append(signed)


async def all_entries(journal: CheckedJournal) -> list[Entry]:
    return list(await journal.journal.list_after(0, limit=100))


async def set_fields(journal: CheckedJournal, seq: int, **fields: object) -> None:
    await journal.database["journal"].update_one({"seq": seq}, {"$set": fields})


def append_again(link: Link, entry: Entry) -> Entry:
    """Return the entry as if it had been appended after another one."""
    content = Content(**{name: getattr(entry, name) for name in Content.__dataclass_fields__})
    return append(link, content, sealed_actor=entry.sealed_actor, sealed_subject=entry.sealed_subject)
