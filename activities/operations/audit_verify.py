"""Verifies the journal, and tells what was found: to the journal itself, to operators, to the auditors."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.delivery.mail import MailInput
from activities.heartbeats import carry
from activities.operations.journal_verification import Counts, JournalSources, JournalVerification
from domain.delivery.mail import MailKind
from domain.journal.chain import Link
from domain.journal.occurrences import SYSTEM, Occurrence, OccurrenceType, user_party
from domain.journal.verification import Broken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.mongo.journal.occurrences import OccurrenceStore

logger = logging.getLogger("decode.journal")


@dataclass(frozen=True)
class VerifyJournal:
    """The numbers to verify; by default all."""

    first: int | None = None
    last: int | None = None


@dataclass(frozen=True)
class Verified:
    """What was found. `checked` entries and `checkpoints` are as they were written. `reason`: of `first_broken`."""

    ok: bool
    checked: int
    checkpoints: int
    first_broken: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class ReportVerified:
    """`owner`: the workflow id, which makes a repeat idempotent. `user_id`: who asked, None for the nightly run.
    `first`, `last`: what was asked for, None for all.
    """

    owner: str
    at: datetime
    found: Verified
    user_id: str | None = None
    first: int | None = None
    last: int | None = None

    @property
    def is_of_all(self) -> bool:
        """Whether the whole journal was verified."""
        return self.first is None and self.last is None


class AuditVerifyActivities:
    """Activities of the AuditVerify workflow."""

    def __init__(
        self,
        sources: JournalSources,
        occurrences: "OccurrenceStore",
        hashes: "KeyedHashes",
        auditors: "Sequence[str]",
    ) -> None:
        self._sources = sources
        self._occurrences = occurrences
        self._hashes = hashes
        self._auditors = auditors

    @activity.defn(name="audit_verify.verify")
    async def verify(self, command: VerifyJournal) -> Verified:
        """Verify the journal. Goes on where the last attempt was."""
        after, counts = _position(activity.info().heartbeat_details)
        verification = JournalVerification(self._sources, after, counts, carry)
        try:
            await verification.run(command.first, command.last)
        except Broken as broken:
            return Verified(False, counts.entries, counts.checkpoints, broken.seq, broken.reason)
        return Verified(True, counts.entries, counts.checkpoints)

    @activity.defn(name="audit_verify.report")
    async def report(self, command: ReportVerified) -> list[MailInput]:
        """Record the verification, and set the gauge `decode_journal_first_broken`, which is 0 for an intact journal.

        A part that is intact leaves the gauge as it is. Returns the mails to the auditors: none unless it is broken.
        """
        found = command.found
        await self._occurrences.record(self._occurrence(command))
        if command.is_of_all or not found.ok:
            activity.metric_meter().create_gauge("decode_journal_first_broken").set(found.first_broken or 0)
        if found.ok:
            return []
        logger.error("journal broken", extra={"workflow_id": command.owner, "seq": found.first_broken})
        key = self._hashes.workflow_key(command.owner)
        variables = {"seq": str(found.first_broken), "reason": str(found.reason), "checked": str(found.checked)}
        return [
            MailInput(f"journal-broken.{key}.{number}", MailKind.JOURNAL_BROKEN, auditor, variables)
            for number, auditor in enumerate(self._auditors, start=1)
        ]

    def _occurrence(self, command: ReportVerified) -> Occurrence:
        found = command.found
        part = {} if command.is_of_all else {"from": command.first, "to": command.last}
        return Occurrence(
            occurrence_id=self._hashes.derive_object_id(command.owner, "verified"),
            type=OccurrenceType.AUDIT_VERIFIED,
            at=command.at,
            actor=user_party(command.user_id) if command.user_id else SYSTEM,
            subject=None,
            public={
                "result": "intact" if found.ok else "broken",
                "first_broken": found.first_broken,
                "checked": found.checked,
                "checkpoints": found.checkpoints,
                **part,
            },
        )


def _position(details: "Sequence[object]") -> tuple[Link | None, Counts]:
    match details:
        case [int(seq), str(digest), int(entries), int(checkpoints)]:
            return Link(seq, digest), Counts(entries, checkpoints)
    return None, Counts()
