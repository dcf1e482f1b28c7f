"""What is done about the graph as a whole, and about one profile in it, as fakes do it."""

from temporalio import activity

from activities.operations.graph_rebuild import BatchesRebuilt
from activities.operations.graph_reconcile import ComparePage, FileReport, PageCompared
from activities.social.follower_snapshots import PageTaken, TakePage
from activities.users.graph_sync import SyncedProfile
from domain.operations.graph_reconcile import Tally
from tests.workflows.fakes.fake_activity import Deed

IN_AGREEMENT = Tally(users_mongo=5, users_graph=5)


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


class FakeGraphReconcile:
    """One page, on which all agree."""

    def __init__(self) -> None:
        self.compared = Deed[ComparePage, PageCompared](lambda _: PageCompared(IN_AGREEMENT, None))
        self.filed = Deed[FileReport, None](lambda _: None)

    @activity.defn(name="graph_reconcile.compare")
    async def compare(self, ask: ComparePage) -> PageCompared:
        return await self.compared.play(ask)

    @activity.defn(name="graph_reconcile.file")
    async def file(self, ask: FileReport) -> None:
        return await self.filed.play(ask)


class FakeGraphRebuild:
    """Everybody at once."""

    def __init__(self) -> None:
        self.projected = Deed[str, BatchesRebuilt](lambda _: BatchesRebuilt(users=5, last=None))

    @activity.defn(name="graph_rebuild.project")
    async def project(self, ask: str) -> BatchesRebuilt:
        return await self.projected.play(ask)


class FakeSnapshots:
    """Everybody on one page."""

    def __init__(self) -> None:
        self.taken = Deed[TakePage, PageTaken](lambda _: PageTaken(people=5, last=None))

    @activity.defn(name="follower_snapshots.take")
    async def take(self, ask: TakePage) -> PageTaken:
        return await self.taken.play(ask)
