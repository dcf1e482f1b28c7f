"""Activities under the product's names that remember what they were asked and do what the test says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from temporalio import activity

from activities.accounts.account_deletion import DeletionOrder
from activities.accounts.registration import AccountCreated, CreateAccount, HoldUsername, ReleaseUsername, TakePlace
from activities.auth.password_reset import ResetPassword
from activities.auth.sign_in import AbandonedSignIn, OpenSession
from activities.auth.two_factor import UseSecondFactor
from activities.codes import CheckCode, CodeActivities
from activities.delivery.mail import MailOrder
from activities.notifications.notifications import NotificationsOrder
from activities.operations.sweep import FindIntents
from activities.users.graph_sync import GraphSyncOrder
from activities.users.security_notices import NoticeOrder
from domain.accounts.registration import Creation
from domain.auth.two_factor import SecondProof, SecondVerdict
from domain.delivery.mail import MailKind
from tests.support.keys import CODES, HASHES
from tests.workflows.fakes.account_deletion import FakeDeletion, FakeErasure, FakeExport
from tests.workflows.fakes.fake_activity import Deed
from tests.workflows.fakes.graph import FakeGraphRebuild, FakeGraphReconcile, FakeGraphSync, FakeSnapshots
from tests.workflows.fakes.identifier_changes import FakeEmailChange, FakeEmailRevert, FakeUsernameChange
from tests.workflows.fakes.mail import FakeMail
from tests.workflows.fakes.notifications import FakeNotifications
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


class FakeSweep:
    def __init__(self) -> None:
        self.found_deletions = Deed[FindIntents, list[DeletionOrder]](lambda _: [])
        self.found = Deed[FindIntents, list[GraphSyncOrder]](lambda _: [])
        self.found_notices = Deed[FindIntents, list[NoticeOrder]](lambda _: [])
        self.found_followed = Deed[FindIntents, list[NotificationsOrder]](lambda _: [])
        self.found_untold = Deed[FindIntents, list[NotificationsOrder]](lambda _: [])
        self.dropped = Deed[datetime, int](lambda _: 0)

    @activity.defn(name="sweep.find_open_syncs")
    async def find_open_syncs(self, ask: FindIntents) -> list[GraphSyncOrder]:
        return await self.found.play(ask)

    @activity.defn(name="sweep.find_open_notices")
    async def find_open_notices(self, ask: FindIntents) -> list[NoticeOrder]:
        return await self.found_notices.play(ask)

    @activity.defn(name="sweep.find_owed_follows")
    async def find_owed_follows(self, ask: FindIntents) -> list[NotificationsOrder]:
        return await self.found_followed.play(ask)

    @activity.defn(name="sweep.find_untold")
    async def find_untold(self, ask: FindIntents) -> list[NotificationsOrder]:
        return await self.found_untold.play(ask)

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
    graph_reconcile: FakeGraphReconcile = field(default_factory=FakeGraphReconcile)
    graph_rebuild: FakeGraphRebuild = field(default_factory=FakeGraphRebuild)
    snapshots: FakeSnapshots = field(default_factory=FakeSnapshots)
    notifications: FakeNotifications = field(default_factory=FakeNotifications)
    sweep: FakeSweep = field(default_factory=FakeSweep)
    deletion: FakeDeletion = field(default_factory=FakeDeletion)
    export: FakeExport = field(default_factory=FakeExport)
    erasure: FakeErasure = field(init=False)

    def __post_init__(self) -> None:
        self.erasure = FakeErasure(self.deletion)

    def activities(self) -> dict[Queue, Sequence[Callable[..., Any]]]:
        """What each queue hosts, as in workers/registry.py."""
        name, mail, graph, told, sweep = self.registration, self.mail, self.graph_sync, self.notifications, self.sweep
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
            Queue.GRAPH: [
                graph.project,
                graph.mark_synced,
                self.graph_reconcile.compare,
                self.graph_reconcile.file,
                self.graph_rebuild.project,
            ],
            Queue.NOTIFY: [told.store, told.store_follows, told.close_follows, told.push],
            Queue.BULK: [
                sweep.find_open_syncs,
                sweep.find_open_notices,
                sweep.find_open_deletions,
                sweep.find_untold,
                sweep.find_owed_follows,
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
                self.snapshots.take,
            ],
        }

    def mend(self) -> None:
        """All servers are well again."""
        for deed in self._deeds():
            deed.mend()

    def _deeds(self) -> list[Deed[Any, Any]]:
        fakes = vars(self).values()
        return [deed for fake in fakes for deed in vars(fake).values() if isinstance(deed, Deed)]
