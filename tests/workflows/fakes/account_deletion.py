"""Leaving, erasure and export, as fakes do them."""

from dataclasses import replace

from temporalio import activity

from activities.accounts.account_deletion import CloseIntent
from activities.accounts.account_export import BeginExport, FinishExport, GatherNoun
from activities.accounts.erasure import Burial
from activities.delivery.mail import MailOrder
from domain.accounts.account_deletion import Deletion, Standing
from domain.delivery.mail import MailKind
from tests.support.keys import HASHES
from tests.workflows.fakes.fake_activity import Deed


def farewell_to(user_id: str) -> MailOrder:
    return MailOrder(f"account-deleted.{HASHES.workflow_key(user_id)}", MailKind.ACCOUNT_DELETED, "ann@people.test")


class FakeDeletion:
    """One account that leaves. A test says when it is back; the tombstone is put by the workflow."""

    def __init__(self) -> None:
        self.account: Deletion | None = None
        self.looked = Deed[str, Deletion | None](self._look)
        self.hidden = Deed[str, bool](lambda _: True)
        self.shown = Deed[str, bool](lambda _: True)
        self.closed = Deed[CloseIntent, None](lambda _: None)

    def _look(self, key: str) -> Deletion | None:
        return self.account if self.account and self.account.key == key else None

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
