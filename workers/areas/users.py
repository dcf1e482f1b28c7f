"""Workflows and activities of users."""

from collections.abc import Mapping, Sequence

from activities.users.access_upkeep import AccessUpkeepActivities
from activities.users.graph_sync import GraphSyncActivities
from activities.users.security_notices import NoticeActivities
from adapters.resources import Resources
from workers.areas.delivery import deliveries
from workers.hosted import Hosted
from workflows.queues import Queue
from workflows.users.access_upkeep import AccessUpkeep
from workflows.users.graph_sync import GraphSync
from workflows.users.security_notices import Notice

WORKFLOWS: Mapping[Queue, Sequence[type]] = {
    Queue.IDENTITY: [Notice],
    Queue.GRAPH: [GraphSync],
    Queue.BULK: [AccessUpkeep],
}


def hosted(resources: Resources) -> Sequence[Hosted]:
    """Return the activities of users with their queues."""
    stores = resources.users
    notices = NoticeActivities(stores.security_events, stores.users, deliveries(resources))
    graph_sync = GraphSyncActivities(stores.users, stores.nodes)
    upkeep = AccessUpkeepActivities(stores.grants)
    return [
        Hosted(Queue.IDENTITY, [notices.deliver, notices.write, notices.close]),
        Hosted(Queue.GRAPH, [graph_sync.project, graph_sync.mark_synced]),
        Hosted(Queue.BULK, [upkeep.end_expired_grants]),
    ]
