"""What is done about the graph as a whole, and about one profile in it, as fakes do it."""

from temporalio import activity

from activities.operations.graph_rebuild import RebuiltBatches
from activities.operations.graph_reconcile import ComparePage, PageCompared, SaveReport
from activities.operations.intent_drain import Drained
from activities.social.follower_snapshots import PagesDone, SnapshotPage
from activities.users.graph_sync import SyncedProfile
from domain.intents import Shard
from domain.operations.graph_reconcile import ReconcileCounts
from tests.workflows.fakes.fake_activity import FakeActivity

NO_DRIFT = ReconcileCounts(users_mongo=5, users_graph=5)


class FakeGraphSync:
    def __init__(self) -> None:
        self.projected = FakeActivity[str, SyncedProfile | None](lambda user_id: SyncedProfile(user_id, version=1))
        self.marked = FakeActivity[SyncedProfile, bool](lambda _: True)
        self.drained = FakeActivity[Shard, Drained](lambda _: Drained(is_full=False))

    @activity.defn(name="graph_sync.project")
    async def project(self, command: str) -> SyncedProfile | None:
        return await self.projected.call(command)

    @activity.defn(name="graph_sync.mark_synced")
    async def mark_synced(self, command: SyncedProfile) -> bool:
        return await self.marked.call(command)

    @activity.defn(name="graph_sync.drain")
    async def drain(self, command: Shard) -> Drained:
        return await self.drained.call(command)


class FakeGraphReconcile:
    """One page, on which all agree."""

    def __init__(self) -> None:
        self.compared = FakeActivity[ComparePage, PageCompared](lambda _: PageCompared(NO_DRIFT, None))
        self.reports_saved = FakeActivity[SaveReport, None](lambda _: None)

    @activity.defn(name="graph_reconcile.compare")
    async def compare(self, command: ComparePage) -> PageCompared:
        return await self.compared.call(command)

    @activity.defn(name="graph_reconcile.file")
    async def save_report(self, command: SaveReport) -> None:
        return await self.reports_saved.call(command)


class FakeGraphRebuild:
    """All accounts in one page."""

    def __init__(self) -> None:
        self.projected = FakeActivity[str, RebuiltBatches](lambda _: RebuiltBatches(users=5, last=None))

    @activity.defn(name="graph_rebuild.project")
    async def project(self, command: str) -> RebuiltBatches:
        return await self.projected.call(command)


class FakeSnapshots:
    """All accounts in one page."""

    def __init__(self) -> None:
        self.pages = FakeActivity[SnapshotPage, PagesDone](lambda _: PagesDone(people=5, last=None))

    @activity.defn(name="follower_snapshots.take")
    async def snapshot_pages(self, command: SnapshotPage) -> PagesDone:
        return await self.pages.call(command)
