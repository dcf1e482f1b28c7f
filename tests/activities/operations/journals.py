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
from tests.support.journal import OwnJournal
from tests.support.keys import HASHES

AUDITORS = ("ann@auditors.test", "bob@auditors.test")
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
        sources = JournalSources(self.journal, self.chain, self.checkpoints, self.tokens, self.anchor_file)
        self.verifying = AuditVerifyActivities(sources, self.occurrences, HASHES, AUDITORS)

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
