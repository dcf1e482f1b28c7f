"""A journal that is intact, and has something new to be signed, as fakes have it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from temporalio import activity

from activities.delivery.mail import MailInput
from activities.operations.audit_verify import ReportVerified, Verified, VerifyJournal
from activities.operations.journal_checkpoint import RecordAnchors, SignedHead, SignHead
from domain.delivery.mail import MailKind
from tests.workflows.fakes.fake_activity import FakeActivity

AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
CHECKPOINT_MAIL = MailInput("checkpoint.7.1", MailKind.JOURNAL_CHECKPOINT, "ann@auditors.test")
SIGNED = SignedHead(7, "ab" * 32, "k1", "a.b.c", AT, has_file=True, mails=[CHECKPOINT_MAIL])
BROKEN_MAIL = MailInput("journal-broken.x.1", MailKind.JOURNAL_BROKEN, "ann@auditors.test")
INTACT = Verified(ok=True, checked=7, checkpoints=1)
BROKEN = Verified(ok=False, checked=2, checkpoints=0, first_broken=3, reason="it was changed")


def mails_about(report: ReportVerified) -> list[MailInput]:
    return [] if report.found.ok else [BROKEN_MAIL]


class FakeJournalCheckpoint:
    def __init__(self) -> None:
        self.signed = FakeActivity[SignHead, SignedHead | None](lambda _: SIGNED)
        self.told = FakeActivity[SignedHead, None](lambda _: None)
        self.appended = FakeActivity[SignedHead, None](lambda _: None)
        self.settled = FakeActivity[RecordAnchors, None](lambda _: None)

    @activity.defn(name="journal_checkpoint.sign")
    async def sign(self, command: SignHead) -> SignedHead | None:
        return await self.signed.call(command)

    @activity.defn(name="journal_checkpoint.tell")
    async def record_occurrence(self, command: SignedHead) -> None:
        return await self.told.call(command)

    @activity.defn(name="journal_checkpoint.append")
    async def append(self, command: SignedHead) -> None:
        return await self.appended.call(command)

    @activity.defn(name="journal_checkpoint.settle")
    async def record_anchors(self, command: RecordAnchors) -> None:
        return await self.settled.call(command)

    def activities(self) -> Sequence[Callable[..., Any]]:
        return [self.sign, self.record_occurrence, self.append, self.record_anchors]


class FakeAuditVerify:
    def __init__(self) -> None:
        self.verified = FakeActivity[VerifyJournal, Verified](lambda _: INTACT)
        self.reported = FakeActivity[ReportVerified, list[MailInput]](mails_about)

    @activity.defn(name="audit_verify.verify")
    async def verify(self, command: VerifyJournal) -> Verified:
        return await self.verified.call(command)

    @activity.defn(name="audit_verify.report")
    async def report(self, command: ReportVerified) -> list[MailInput]:
        return await self.reported.call(command)

    def activities(self) -> Sequence[Callable[..., Any]]:
        return [self.verify, self.report]
