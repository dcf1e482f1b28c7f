"""Workflows and activities of social."""

from collections.abc import Mapping, Sequence

from activities.social.follower_snapshots import FollowerSnapshotActivities
from adapters.resources import Resources
from workers.hosted import Hosted
from workflows.queues import Queue
from workflows.social.follower_snapshots import FollowerSnapshots

WORKFLOWS: Mapping[Queue, Sequence[type]] = {
    Queue.BULK: [FollowerSnapshots],
}


def hosted(resources: Resources) -> Sequence[Hosted]:
    """Return the activities of social with their queue."""
    stores = resources.social
    snapshots = FollowerSnapshotActivities(stores.followers, stores.snapshots, stores.snapshot_mentions)
    return [Hosted(Queue.BULK, [snapshots.snapshot_pages])]
