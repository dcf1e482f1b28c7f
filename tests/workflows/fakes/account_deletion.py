"""Leaving, erasure and export, as fakes do them."""

from dataclasses import replace

from temporalio import activity

from activities.accounts.account_deletion import CloseIntent
from activities.accounts.account_export import BeginExport, FinishExport, GatherNoun
from activities.accounts.erasure import EraseAccount
from activities.delivery.mail import MailInput
from domain.accounts.account_deletion import Deletion, DeletionStatus
from domain.delivery.mail import MailKind
from tests.support.keys import HASHES
from tests.workflows.fakes.fake_activity import FakeActivity


def goodbye_to(user_id: str) -> MailInput:
    return MailInput(f"account-deleted.{HASHES.workflow_key(user_id)}", MailKind.ACCOUNT_DELETED, "ann@people.test")


class FakeDeletion:
    """One account that is deleted. A test says when it is reactivated; the workflow writes the tombstone."""

    def __init__(self) -> None:
        self.account: Deletion | None = None
        self.read = FakeActivity[str, Deletion | None](self._deletion)
        self.hidden = FakeActivity[str, bool](lambda _: True)
        self.shown = FakeActivity[str, bool](lambda _: True)
        self.closed = FakeActivity[CloseIntent, None](lambda _: None)

    def _deletion(self, key: str) -> Deletion | None:
        return self.account if self.account and self.account.key == key else None

    def has_status(self, standing: DeletionStatus) -> None:
        assert self.account
        self.account = replace(self.account, standing=standing)

    @activity.defn(name="account_deletion.look")
    async def get_deletion(self, command: str) -> Deletion | None:
        return await self.read.call(command)

    @activity.defn(name="account_deletion.hide")
    async def hide(self, command: str) -> bool:
        return await self.hidden.call(command)

    @activity.defn(name="account_deletion.show")
    async def show(self, command: str) -> bool:
        return await self.shown.call(command)

    @activity.defn(name="account_deletion.close_intent")
    async def close_intent(self, command: CloseIntent) -> None:
        return await self.closed.call(command)


class FakeErasure:
    def __init__(self, deletion: FakeDeletion) -> None:
        self._deletion = deletion
        self.tombstones_written = FakeActivity[EraseAccount, bool](self._write_tombstone)
        self.erased = FakeActivity[str, bool](lambda _: True)
        self.goodbye_sent = FakeActivity[str, MailInput | None](goodbye_to)
        self.finished = FakeActivity[EraseAccount, None](lambda _: None)

    def _write_tombstone(self, _: EraseAccount) -> bool:
        self._deletion.has_status(DeletionStatus.ERASED)
        return True

    @activity.defn(name="erasure.bury")
    async def write_tombstone(self, command: EraseAccount) -> bool:
        return await self.tombstones_written.call(command)

    @activity.defn(name="erasure.erase")
    async def erase(self, command: str) -> bool:
        return await self.erased.call(command)

    @activity.defn(name="erasure.farewell")
    async def goodbye_mail(self, command: str) -> MailInput | None:
        return await self.goodbye_sent.call(command)

    @activity.defn(name="erasure.finish")
    async def finish(self, command: EraseAccount) -> None:
        return await self.finished.call(command)


class FakeExport:
    """Two nouns, with no data to collect in either."""

    def __init__(self) -> None:
        self.begun = FakeActivity[BeginExport, list[str]](lambda _: ["account", "devices"])
        self.gathered = FakeActivity[GatherNoun, None](lambda _: None)
        self.finished = FakeActivity[FinishExport, None](lambda _: None)
        self.dropped = FakeActivity[str, None](lambda _: None)

    @activity.defn(name="account_export.begin")
    async def begin(self, command: BeginExport) -> list[str]:
        return await self.begun.call(command)

    @activity.defn(name="account_export.gather")
    async def gather(self, command: GatherNoun) -> None:
        return await self.gathered.call(command)

    @activity.defn(name="account_export.finish")
    async def finish(self, command: FinishExport) -> None:
        return await self.finished.call(command)

    @activity.defn(name="account_export.drop")
    async def drop(self, command: str) -> None:
        return await self.dropped.call(command)
