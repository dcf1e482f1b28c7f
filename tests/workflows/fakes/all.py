"""Activities under the product's names that record their inputs and behave as the test sets them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from temporalio import activity

from activities.auth.password_reset import ProveAndReset, ResetPassword, ResetResult
from activities.auth.sign_in import (
    AbandonedSignIn,
    OpenSession,
    ProveDeviceAndOpen,
    ProveSecondFactorAndOpen,
    SessionOpened,
)
from activities.auth.two_factor import UseSecondFactor
from activities.delivery.mail import MailInput
from activities.users.security_notices import NoticeInput
from domain.auth.password import ResetOutcome
from domain.auth.sessions import OpeningOutcome
from domain.auth.two_factor import SecondFactorProof, SecondFactorVerdict
from tests.support.keys import HASHES
from tests.workflows.fakes.access_upkeep import FakeAccessUpkeep
from tests.workflows.fakes.account_deletion import FakeDeletion, FakeErasure, FakeExport
from tests.workflows.fakes.audit_export import FakeAuditExport
from tests.workflows.fakes.codes import FakeCodes
from tests.workflows.fakes.fake_activity import FakeActivity
from tests.workflows.fakes.flow_ends import FakeFlowEnds
from tests.workflows.fakes.graph import FakeGraphRebuild, FakeGraphReconcile, FakeGraphSync, FakeSnapshots
from tests.workflows.fakes.identifier_changes import FakeEmailChange, FakeEmailRevert, FakeUsernameChange
from tests.workflows.fakes.journal import FakeJournal
from tests.workflows.fakes.journal_checks import FakeAuditVerify, FakeJournalCheckpoint
from tests.workflows.fakes.key_upkeep import FakeKeyUpkeep
from tests.workflows.fakes.mail import FakeMail
from tests.workflows.fakes.notices import FakeNotices
from tests.workflows.fakes.notifications import FakeNotifications
from tests.workflows.fakes.registration import FakeRegistration
from tests.workflows.fakes.sweep import FakeSweep
from tests.workflows.fakes.tool_calls import FakeToolCalls
from tests.workflows.fakes.turns import FakeTurns
from workflows.queues import Queue

OTP = SecondFactorProof(otp="287082")
"""The one second factor that is right."""


REFUSED: dict[SecondFactorVerdict, ResetResult | None] = {
    SecondFactorVerdict.WRONG: None,
    SecondFactorVerdict.MISSING: ResetResult(ResetOutcome.SECOND_FACTOR_MISSING),
}


def session_of(command: OpenSession) -> str:
    return HASHES.derive_object_id(command.owner, "session")


def notice_of_reset(command: ResetPassword) -> NoticeInput:
    event_id = HASHES.derive_object_id(command.owner, "event")
    return NoticeInput(event_id, HASHES.workflow_key(event_id))


class FakeTwoFactor:
    """An account's second factor, which is off until a test turns it on."""

    def __init__(self) -> None:
        self.is_on = False
        self.judged = FakeActivity[UseSecondFactor, SecondFactorVerdict](self._verdict)
        self.used = FakeActivity[UseSecondFactor, bool](lambda use: use.proof == OTP)

    @activity.defn(name="two_factor.judge")
    async def judge(self, command: UseSecondFactor) -> SecondFactorVerdict:
        return await self.judged.call(command)

    @activity.defn(name="two_factor.take")
    async def use(self, command: UseSecondFactor) -> bool:
        return await self.used.call(command)

    def _verdict(self, use: UseSecondFactor) -> SecondFactorVerdict:
        if not self.is_on:
            return SecondFactorVerdict.NOT_NEEDED
        if not use.proof.is_given:
            return SecondFactorVerdict.MISSING
        return SecondFactorVerdict.RIGHT if use.proof == OTP else SecondFactorVerdict.WRONG


class FakeSignIn:
    """Opens sessions of an account whose second factor is the given one."""

    def __init__(self, two_factor: FakeTwoFactor, codes: FakeCodes) -> None:
        self._two_factor = two_factor
        self._codes = codes
        self.sessions: list[str] = []
        self.opened = FakeActivity[OpenSession, SessionOpened](self._open)
        self.noted = FakeActivity[AbandonedSignIn, MailInput | None](lambda _: None)

    @activity.defn(name="sign_in.prove_device")
    async def prove_device(self, command: ProveDeviceAndOpen) -> SessionOpened | None:
        return await self.opened.call(command.opening) if await self._codes.check(command.check) else None

    @activity.defn(name="sign_in.prove_second_factor")
    async def prove_second_factor(self, command: ProveSecondFactorAndOpen) -> SessionOpened | None:
        opening = command.opening
        if await self._two_factor.use(command.use):
            trusts = opening.trusts_device or command.trusts_device
            return await self.opened.call(replace(opening, has_second_factor=True, trusts_device=trusts))
        is_off = await self._two_factor.judge(command.use) is SecondFactorVerdict.NOT_NEEDED
        return await self.opened.call(opening) if is_off else None

    @activity.defn(name="sign_in.open")
    async def open(self, command: OpenSession) -> SessionOpened:
        return await self.opened.call(command)

    @activity.defn(name="sign_in.note_abandoned")
    async def record_abandoned(self, command: AbandonedSignIn) -> MailInput | None:
        return await self.noted.call(command)

    def _open(self, command: OpenSession) -> SessionOpened:
        if self._two_factor.is_on and not command.has_second_factor:
            return SessionOpened(OpeningOutcome.SECOND_FACTOR_MISSING)
        self.sessions.append(session_of(command))
        return SessionOpened(OpeningOutcome.OPENED, session_of(command))


class FakePasswordReset:
    """Judges as the product does, by the given fakes."""

    def __init__(self, two_factor: FakeTwoFactor, codes: FakeCodes) -> None:
        self._two_factor = two_factor
        self._codes = codes
        self.changed = FakeActivity[ResetPassword, NoticeInput | None](notice_of_reset)

    @activity.defn(name="password_reset.prove_and_change")
    async def prove_and_change(self, command: ProveAndReset) -> ResetResult | None:
        is_right = await self._codes.check(command.check)
        if is_right is None:
            return ResetResult(ResetOutcome.GONE)
        verdict = await self._two_factor.judge(command.use) if is_right else SecondFactorVerdict.WRONG
        if verdict in REFUSED or command.is_weak:
            return REFUSED.get(verdict, ResetResult(ResetOutcome.PASSWORD_WEAK))
        has_second_factor = verdict is SecondFactorVerdict.RIGHT
        if has_second_factor and not await self._two_factor.use(command.use):
            return None
        notice = await self.changed.call(replace(command.reset, has_second_factor=has_second_factor))
        if notice is None and not has_second_factor and self._two_factor.is_on:
            return ResetResult(ResetOutcome.SECOND_FACTOR_MISSING)
        return ResetResult(ResetOutcome.DONE if notice else ResetOutcome.GONE, notice)

    @activity.defn(name="password_reset.change")
    async def change(self, command: ResetPassword) -> NoticeInput | None:
        return await self.changed.call(command)


@dataclass
class Fakes:
    """All activities of the product, new for each test."""

    registration: FakeRegistration = field(init=False)
    codes: FakeCodes = field(default_factory=FakeCodes)
    two_factor: FakeTwoFactor = field(default_factory=FakeTwoFactor)
    sign_in: FakeSignIn = field(init=False)
    password_reset: FakePasswordReset = field(init=False)
    username_change: FakeUsernameChange = field(init=False)
    email_change: FakeEmailChange = field(init=False)
    email_revert: FakeEmailRevert = field(init=False)
    notices: FakeNotices = field(init=False)
    mail: FakeMail = field(default_factory=FakeMail)
    graph_sync: FakeGraphSync = field(default_factory=FakeGraphSync)
    graph_reconcile: FakeGraphReconcile = field(default_factory=FakeGraphReconcile)
    graph_rebuild: FakeGraphRebuild = field(default_factory=FakeGraphRebuild)
    snapshots: FakeSnapshots = field(default_factory=FakeSnapshots)
    notifications: FakeNotifications = field(default_factory=FakeNotifications)
    journal: FakeJournal = field(default_factory=FakeJournal)
    sweep: FakeSweep = field(default_factory=FakeSweep)
    turns: FakeTurns = field(default_factory=FakeTurns)
    journal_checkpoint: FakeJournalCheckpoint = field(default_factory=FakeJournalCheckpoint)
    audit_verify: FakeAuditVerify = field(default_factory=FakeAuditVerify)
    deletion: FakeDeletion = field(default_factory=FakeDeletion)
    export: FakeExport = field(default_factory=FakeExport)
    audit_export: FakeAuditExport = field(default_factory=FakeAuditExport)
    erasure: FakeErasure = field(init=False)
    flow_ends: FakeFlowEnds = field(default_factory=FakeFlowEnds)
    access_upkeep: FakeAccessUpkeep = field(default_factory=FakeAccessUpkeep)
    key_upkeep: FakeKeyUpkeep = field(default_factory=FakeKeyUpkeep)
    tool_calls: FakeToolCalls = field(default_factory=FakeToolCalls)

    def __post_init__(self) -> None:
        self.registration = FakeRegistration(self.codes)
        self.username_change = FakeUsernameChange(self.codes)
        self.email_change = FakeEmailChange(self.codes)
        self.email_revert = FakeEmailRevert(self.codes)
        self.erasure = FakeErasure(self.deletion)
        self.notices = FakeNotices(self.mail)
        self.sign_in = FakeSignIn(self.two_factor, self.codes)
        self.password_reset = FakePasswordReset(self.two_factor, self.codes)

    def activities(self) -> dict[Queue, Sequence[Callable[..., Any]]]:
        """What each queue hosts, as in workers/registry.py."""
        mail, graph, sweep = self.mail, self.graph_sync, self.sweep
        return {
            Queue.IDENTITY: self._identity_activities(),
            Queue.MAIL: [mail.record, mail.send, mail.give_up],
            Queue.GRAPH: [
                graph.project,
                graph.mark_synced,
                graph.drain,
                self.graph_reconcile.compare,
                self.graph_reconcile.save_report,
                self.graph_rebuild.project,
            ],
            Queue.NOTIFY: self.notifications.activities(),
            Queue.JOURNAL: self.journal.activities(),
            Queue.ASSISTANT: [*self.turns.activities(), *self.tool_calls.activities()],
            Queue.BULK: [
                *sweep.activities(),
                self.deletion.get_deletion,
                self.deletion.hide,
                self.deletion.show,
                self.deletion.close_intent,
                self.erasure.write_tombstone,
                self.erasure.erase,
                self.erasure.goodbye_mail,
                self.erasure.finish,
                self.export.begin,
                self.export.gather,
                self.export.finish,
                self.export.drop,
                self.snapshots.snapshot_pages,
                self.flow_ends.record,
                *self.audit_export.activities(),
                self.journal.trim,
                self.access_upkeep.end_expired_grants,
                *self.key_upkeep.activities(),
                *self.journal_checkpoint.activities(),
                *self.audit_verify.activities(),
            ],
        }

    def _identity_activities(self) -> Sequence[Callable[..., Any]]:
        name = self.registration
        return [
            self.mail.deliver,
            name.begin,
            name.finish,
            name.hold_username,
            name.reserve_slot,
            name.release_username,
            name.create_account,
            self.codes.check,
            self.sign_in.prove_device,
            self.sign_in.prove_second_factor,
            self.sign_in.open,
            self.sign_in.record_abandoned,
            self.two_factor.judge,
            self.two_factor.use,
            self.password_reset.prove_and_change,
            self.password_reset.change,
            self.username_change.begin,
            self.username_change.finish,
            self.username_change.apply,
            self.username_change.release,
            self.email_change.begin,
            self.email_change.find_address_holder,
            self.email_change.finish,
            self.email_change.apply,
            self.email_change.release,
            self.email_revert.finish,
            self.email_revert.revert,
            self.notices.deliver,
            self.notices.write,
            self.notices.close,
            self.flow_ends.record,
        ]

    def recover(self) -> None:
        """All servers are well again."""
        for fake_activity in self._fake_activities():
            fake_activity.recover()

    def _fake_activities(self) -> list[FakeActivity[Any, Any]]:
        fakes = vars(self).values()
        return [each for fake in fakes for each in vars(fake).values() if isinstance(each, FakeActivity)]
