"""Workflows and activities of the journal."""

from collections.abc import Mapping, Sequence

from activities.journal.audit_export import AuditExportActivities
from activities.journal.journal import JournalActivities
from activities.journal.trim import TrimActivities
from adapters.resources import Resources
from workers.hosted import Hosted
from workflows.journal.audit_export import AuditExport
from workflows.journal.journal import Journal
from workflows.journal.trim import JournalTrim
from workflows.queues import Queue

WORKFLOWS: Mapping[Queue, Sequence[type]] = {
    Queue.JOURNAL: [Journal],
    Queue.BULK: [JournalTrim, AuditExport],
}


def hosted(resources: Resources) -> Sequence[Hosted]:
    """Return the activities of the journal with their queues."""
    journal = JournalActivities(resources.journal.numbering)
    trim = TrimActivities(resources.journal.trim)
    return [Hosted(Queue.JOURNAL, [journal.number]), Hosted(Queue.BULK, [trim.trim]), _export(resources)]


def _export(resources: Resources) -> Hosted:
    stores = resources.journal
    export = AuditExportActivities(
        resources.exports, stores.occurrences, stores.audit, stores.chain, stores.checkpoints, resources.hashes
    )
    return Hosted(Queue.BULK, [export.begin, export.gather, export.finish, export.drop])
