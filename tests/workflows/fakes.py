"""Activities under the product's names that remember what they were asked and do what the test says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from temporalio import activity

from activities.account_deletion import CloseIntent, DeletionOrder
from activities.account_export import BeginExport, FinishExport, GatherNoun
from activities.codes import CheckCode, CodeActivities
from activities.email_change import AddressSwapped, BeginEmailChange, ReleaseEmailChange, SwapAddress, WantedAddress
from activities.email_revert import AddressReverted, RevertAddress
from activities.erasure import Burial
from activities.graph_sync import GraphSyncOrder, SyncedProfile
from activities.mail import MailOrder
from activities.notices import NoticeOrder
from activities.password_reset import ResetPassword
from activities.registration import AccountCreated, CreateAccount, HoldUsername, ReleaseUsername, TakePlace
from activities.sign_in import AbandonedSignIn, OpenSession
from activities.sweep import FindIntents
from activities.two_factor import UseSecondFactor
from activities.username_change import BeginUsernameChange, ReleaseUsernameChange, SwapUsername
from domain.account_deletion import Deletion, Standing
from domain.changes import Begun, ChangeOutcome
from domain.flows import FlowKind, workflow_id
from domain.mail import MailKind, MailState
from domain.registration import Creation
from domain.two_factor import SecondProof, SecondVerdict
from tests.keys import CODES, HASHES
from tests.waiting import eventually
from tests.workflows.deed import Deed
from workflows.queues import Queue

OTP = SecondProof(otp="287082")
"""The one second factor that is right."""


def account_of(create: CreateAccount, creation: Creation = Creation.CREATED) -> AccountCreated:
    """What becomes of a flow's account; all ids are derived from the flow, as in the product."""
    user_id = HASHES.object_id(create.owner, "user")
    session_id = HASHES.object_id(create.owner, "session") if create.device else None
    return AccountCreated(creation, user_id, HASHES.workflow_key(user_id), session_id)


def session_of(ask: OpenSession) -> str:
    return HASHES.object_id(ask.owner, "session")


def notice_of_reset(ask: ResetPassword) -> NoticeOrder:
    event_id = HASHES.object_id(ask.owner, "event")
    return NoticeOrder(event_id, HASHES.workflow_key(event_id))


def letter_of(order: NoticeOrder) -> MailOrder:
    return MailOrder(f"notice.{order.event_key}", MailKind.PASSWORD_CHANGED, "ann@people.test")


def farewell_to(user_id: str) -> MailOrder:
    return MailOrder(f"account-deleted.{HASHES.workflow_key(user_id)}", MailKind.ACCOUNT_DELETED, "ann@people.test")


def swapped(ask: SwapAddress, outcome: ChangeOutcome = ChangeOutcome.DONE) -> AddressSwapped:
    """What becomes of a change of address; the ids of its way back are derived, as in the product."""
    flow_id = HASHES.revert_flow_id(ask.owner)
    return AddressSwapped(outcome, flow_id, workflow_id(FlowKind.EMAIL_REVERT, HASHES.workflow_key(flow_id)))


def reverted(ask: RevertAddress) -> AddressReverted:
    event_id = HASHES.object_id(ask.owner, "event")
    return AddressReverted(ChangeOutcome.DONE, NoticeOrder(event_id, HASHES.workflow_key(event_id)))


class FakeRegistration:
    def __init__(self) -> None:
        self.hold = Deed[HoldUsername, bool](lambda _: True)
        self.place = Deed[TakePlace, bool](lambda _: True)
        self.release = Deed[ReleaseUsername, None](lambda _: None)
        self.create = Deed[CreateAccount, AccountCreated](account_of)

    def released_by(self) -> set[str]:
        """Who let a name go. A local activity at the end of a flow may run twice: the task with it is repeated."""
        return {release.owner for release in self.release.asked}

    @activity.defn(name="registration.hold_username")
    async def hold_username(self, ask: HoldUsername) -> bool:
        return await self.hold.play(ask)

    @activity.defn(name="registration.take_place")
    async def take_place(self, ask: TakePlace) -> bool:
        return await self.place.play(ask)

    @activity.defn(name="registration.release_username")
    async def release_username(self, ask: ReleaseUsername) -> None:
        return await self.release.play(ask)

    @activity.defn(name="registration.create_account")
    async def create_account(self, ask: CreateAccount) -> AccountCreated:
        return await self.create.play(ask)


class FakeCodes:
    """Judges as the product does, with the test keys: codes need no server."""

    def __init__(self) -> None:
        self._real = CodeActivities(CODES)
        self.check_code = Deed[CheckCode, None](lambda _: None)

    @activity.defn(name="codes.check")
    async def check(self, ask: CheckCode) -> bool:
        await self.check_code.play(ask)
        return await self._real.check(ask)


class FakeSignIn:
    def __init__(self) -> None:
        self.opened = Deed[OpenSession, str | None](session_of)
        self.noted = Deed[AbandonedSignIn, MailOrder | None](lambda _: None)

    @activity.defn(name="sign_in.open_session")
    async def open_session(self, ask: OpenSession) -> str | None:
        return await self.opened.play(ask)

    @activity.defn(name="sign_in.note_abandoned")
    async def note_abandoned(self, ask: AbandonedSignIn) -> MailOrder | None:
        return await self.noted.play(ask)


class FakeTwoFactor:
    """An account's second factor, which is off until a test says that it is on."""

    def __init__(self) -> None:
        self.is_on = False
        self.judged = Deed[UseSecondFactor, SecondVerdict](self._verdict)
        self.taken = Deed[UseSecondFactor, bool](lambda use: use.proof == OTP)

    @activity.defn(name="two_factor.judge")
    async def judge(self, ask: UseSecondFactor) -> SecondVerdict:
        return await self.judged.play(ask)

    @activity.defn(name="two_factor.take")
    async def take(self, ask: UseSecondFactor) -> bool:
        return await self.taken.play(ask)

    def _verdict(self, use: UseSecondFactor) -> SecondVerdict:
        if not self.is_on:
            return SecondVerdict.NOT_NEEDED
        if not use.proof.is_given:
            return SecondVerdict.MISSING
        return SecondVerdict.RIGHT if use.proof == OTP else SecondVerdict.WRONG


class FakePasswordReset:
    def __init__(self) -> None:
        self.changed = Deed[ResetPassword, NoticeOrder | None](notice_of_reset)

    @activity.defn(name="password_reset.change")
    async def change(self, ask: ResetPassword) -> NoticeOrder | None:
        return await self.changed.play(ask)


class FakeUsernameChange:
    def __init__(self) -> None:
        self.begun = Deed[BeginUsernameChange, Begun](lambda _: Begun(ChangeOutcome.DONE))
        self.swapped = Deed[SwapUsername, ChangeOutcome](lambda _: ChangeOutcome.DONE)
        self.released = Deed[ReleaseUsernameChange, None](lambda _: None)

    @activity.defn(name="username_change.begin")
    async def begin(self, ask: BeginUsernameChange) -> Begun:
        return await self.begun.play(ask)

    @activity.defn(name="username_change.swap")
    async def swap(self, ask: SwapUsername) -> ChangeOutcome:
        return await self.swapped.play(ask)

    @activity.defn(name="username_change.release")
    async def release(self, ask: ReleaseUsernameChange) -> None:
        return await self.released.play(ask)


class FakeEmailChange:
    """No address is anybody's until a test says so."""

    def __init__(self) -> None:
        self.begun = Deed[BeginEmailChange, Begun](lambda _: Begun(ChangeOutcome.DONE))
        self.looked_up = Deed[WantedAddress, MailOrder | None](lambda _: None)
        self.swapped = Deed[SwapAddress, AddressSwapped](swapped)
        self.released = Deed[ReleaseEmailChange, None](lambda _: None)

    @activity.defn(name="email_change.begin")
    async def begin(self, ask: BeginEmailChange) -> Begun:
        return await self.begun.play(ask)

    @activity.defn(name="email_change.find_taken")
    async def find_taken(self, ask: WantedAddress) -> MailOrder | None:
        return await self.looked_up.play(ask)

    @activity.defn(name="email_change.swap")
    async def swap(self, ask: SwapAddress) -> AddressSwapped:
        return await self.swapped.play(ask)

    @activity.defn(name="email_change.release")
    async def release(self, ask: ReleaseEmailChange) -> None:
        return await self.released.play(ask)


class FakeEmailRevert:
    def __init__(self) -> None:
        self.reverted = Deed[RevertAddress, AddressReverted](reverted)

    @activity.defn(name="email_revert.revert")
    async def revert(self, ask: RevertAddress) -> AddressReverted:
        return await self.reverted.play(ask)


class FakeNotices:
    def __init__(self) -> None:
        self.written = Deed[NoticeOrder, MailOrder | None](letter_of)
        self.closed = Deed[str, None](lambda _: None)

    @activity.defn(name="notices.write")
    async def write(self, ask: NoticeOrder) -> MailOrder | None:
        return await self.written.play(ask)

    @activity.defn(name="notices.close")
    async def close(self, ask: str) -> None:
        return await self.closed.play(ask)


class FakeMail:
    def __init__(self) -> None:
        self.recorded = Deed[MailOrder, MailState](lambda _: MailState.RENDERED)
        self.sent = Deed[MailOrder, MailState](lambda _: MailState.ACCEPTED)
        self.given_up = Deed[str, MailState](lambda _: MailState.FAILED)

    async def ordered(self, kind: MailKind, number: int = 1) -> MailOrder:
        """The n-th mail of that kind; waits for it."""

        async def found() -> MailOrder | None:
            orders = [order for order in self.recorded.asked if order.kind is kind]
            return orders[number - 1] if len(orders) >= number else None

        return await eventually(found)

    @activity.defn(name="mail.record")
    async def record(self, ask: MailOrder) -> MailState:
        return await self.recorded.play(ask)

    @activity.defn(name="mail.send")
    async def send(self, ask: MailOrder) -> MailState:
        return await self.sent.play(ask)

    @activity.defn(name="mail.give_up")
    async def give_up(self, ask: str) -> MailState:
        return await self.given_up.play(ask)


class FakeGraphSync:
    def __init__(self) -> None:
        self.projected = Deed[str, SyncedProfile | None](lambda user_id: SyncedProfile(user_id, version=1))
        self.marked = Deed[SyncedProfile, bool](lambda _: True)

    @activity.defn(name="graph_sync.project")
    async def project(self, ask: str) -> SyncedProfile | None:
        return await self.projected.play(ask)

    @activity.defn(name="graph_sync.mark_synced")
    async def mark_synced(self, ask: SyncedProfile) -> bool:
        return await self.marked.play(ask)


class FakeDeletion:
    """One account that leaves. A test says when it is back; the tombstone is put by the workflow."""

    def __init__(self) -> None:
        self.account: Deletion | None = None
        self.looked = Deed[str, Deletion | None](lambda key: self.account)
        self.hidden = Deed[str, bool](lambda _: True)
        self.shown = Deed[str, bool](lambda _: True)
        self.closed = Deed[CloseIntent, None](lambda _: None)

    def stands(self, standing: Standing) -> None:
        assert self.account
        self.account = replace(self.account, standing=standing)

    @activity.defn(name="account_deletion.look")
    async def look(self, ask: str) -> Deletion | None:
        return await self.looked.play(ask)

    @activity.defn(name="account_deletion.hide")
    async def hide(self, ask: str) -> bool:
        return await self.hidden.play(ask)

    @activity.defn(name="account_deletion.show")
    async def show(self, ask: str) -> bool:
        return await self.shown.play(ask)

    @activity.defn(name="account_deletion.close_intent")
    async def close_intent(self, ask: CloseIntent) -> None:
        return await self.closed.play(ask)


class FakeErasure:
    def __init__(self, deletion: FakeDeletion) -> None:
        self._deletion = deletion
        self.buried = Deed[Burial, bool](self._bury)
        self.erased = Deed[str, bool](lambda _: True)
        self.parted = Deed[str, MailOrder | None](farewell_to)
        self.finished = Deed[Burial, None](lambda _: None)

    def _bury(self, _: Burial) -> bool:
        self._deletion.stands(Standing.ERASED)
        return True

    @activity.defn(name="erasure.bury")
    async def bury(self, ask: Burial) -> bool:
        return await self.buried.play(ask)

    @activity.defn(name="erasure.erase")
    async def erase(self, ask: str) -> bool:
        return await self.erased.play(ask)

    @activity.defn(name="erasure.farewell")
    async def farewell(self, ask: str) -> MailOrder | None:
        return await self.parted.play(ask)

    @activity.defn(name="erasure.finish")
    async def finish(self, ask: Burial) -> None:
        return await self.finished.play(ask)


class FakeExport:
    """Two nouns, and nothing to gather of either."""

    def __init__(self) -> None:
        self.begun = Deed[BeginExport, list[str]](lambda _: ["account", "devices"])
        self.gathered = Deed[GatherNoun, None](lambda _: None)
        self.finished = Deed[FinishExport, None](lambda _: None)
        self.dropped = Deed[str, None](lambda _: None)

    @activity.defn(name="account_export.begin")
    async def begin(self, ask: BeginExport) -> list[str]:
        return await self.begun.play(ask)

    @activity.defn(name="account_export.gather")
    async def gather(self, ask: GatherNoun) -> None:
        return await self.gathered.play(ask)

    @activity.defn(name="account_export.finish")
    async def finish(self, ask: FinishExport) -> None:
        return await self.finished.play(ask)

    @activity.defn(name="account_export.drop")
    async def drop(self, ask: str) -> None:
        return await self.dropped.play(ask)


class FakeSweep:
    def __init__(self) -> None:
        self.found_deletions = Deed[FindIntents, list[DeletionOrder]](lambda _: [])
        self.found = Deed[FindIntents, list[GraphSyncOrder]](lambda _: [])
        self.found_notices = Deed[FindIntents, list[NoticeOrder]](lambda _: [])
        self.dropped = Deed[datetime, int](lambda _: 0)

    @activity.defn(name="sweep.find_open_syncs")
    async def find_open_syncs(self, ask: FindIntents) -> list[GraphSyncOrder]:
        return await self.found.play(ask)

    @activity.defn(name="sweep.find_open_notices")
    async def find_open_notices(self, ask: FindIntents) -> list[NoticeOrder]:
        return await self.found_notices.play(ask)

    @activity.defn(name="sweep.find_open_deletions")
    async def find_open_deletions(self, ask: FindIntents) -> list[DeletionOrder]:
        return await self.found_deletions.play(ask)

    @activity.defn(name="sweep.drop_mail_contents")
    async def drop_mail_contents(self, ask: datetime) -> int:
        return await self.dropped.play(ask)


@dataclass
class Fakes:
    """All activities of the house, new for each test."""

    registration: FakeRegistration = field(default_factory=FakeRegistration)
    codes: FakeCodes = field(default_factory=FakeCodes)
    sign_in: FakeSignIn = field(default_factory=FakeSignIn)
    two_factor: FakeTwoFactor = field(default_factory=FakeTwoFactor)
    password_reset: FakePasswordReset = field(default_factory=FakePasswordReset)
    username_change: FakeUsernameChange = field(default_factory=FakeUsernameChange)
    email_change: FakeEmailChange = field(default_factory=FakeEmailChange)
    email_revert: FakeEmailRevert = field(default_factory=FakeEmailRevert)
    notices: FakeNotices = field(default_factory=FakeNotices)
    mail: FakeMail = field(default_factory=FakeMail)
    graph_sync: FakeGraphSync = field(default_factory=FakeGraphSync)
    sweep: FakeSweep = field(default_factory=FakeSweep)
    deletion: FakeDeletion = field(default_factory=FakeDeletion)
    export: FakeExport = field(default_factory=FakeExport)
    erasure: FakeErasure = field(init=False)

    def __post_init__(self) -> None:
        self.erasure = FakeErasure(self.deletion)

    def activities(self) -> dict[Queue, Sequence[Callable[..., Any]]]:
        """What each queue hosts, as in workers/registry.py."""
        name, mail, graph, sweep = self.registration, self.mail, self.graph_sync, self.sweep
        return {
            Queue.IDENTITY: [
                name.hold_username,
                name.take_place,
                name.release_username,
                name.create_account,
                self.codes.check,
                self.sign_in.open_session,
                self.sign_in.note_abandoned,
                self.two_factor.judge,
                self.two_factor.take,
                self.password_reset.change,
                self.username_change.begin,
                self.username_change.swap,
                self.username_change.release,
                self.email_change.begin,
                self.email_change.find_taken,
                self.email_change.swap,
                self.email_change.release,
                self.email_revert.revert,
                self.notices.write,
                self.notices.close,
            ],
            Queue.MAIL: [mail.record, mail.send, mail.give_up],
            Queue.GRAPH: [graph.project, graph.mark_synced],
            Queue.BULK: [
                sweep.find_open_syncs,
                sweep.find_open_notices,
                sweep.find_open_deletions,
                sweep.drop_mail_contents,
                self.deletion.look,
                self.deletion.hide,
                self.deletion.show,
                self.deletion.close_intent,
                self.erasure.bury,
                self.erasure.erase,
                self.erasure.farewell,
                self.erasure.finish,
                self.export.begin,
                self.export.gather,
                self.export.finish,
                self.export.drop,
            ],
        }

    def mend(self) -> None:
        """All servers are well again."""
        for deed in self._deeds():
            deed.mend()

    def _deeds(self) -> list[Deed[Any, Any]]:
        fakes = vars(self).values()
        return [deed for fake in fakes for deed in vars(fake).values() if isinstance(deed, Deed)]
