"""Triggers the mail about a security event to the account's owner. The stored event is the intent: this saves time."""

from temporalio.client import Client

from adapters.crypto.keyed_hashes import KeyedHashes
from api.background.start import start_in_background
from api.http.outages import none_if_unavailable
from domain.event_specs import event_spec
from domain.users.security_events import SecurityEvent
from workflows.queues import Queue
from workflows.users.security_notices import SUMMARY, Notice, notice_input, notice_workflow_id


class NoticeTrigger:
    """Starts the Notice workflow of a security event."""

    def __init__(self, temporal: Client, hashes: KeyedHashes) -> None:
        self._temporal = temporal
        self._hashes = hashes

    async def trigger(self, event: SecurityEvent) -> None:
        """Start the notice of a recorded event whose spec has a mail. With Temporal unavailable the sweep does it."""
        if event_spec(event).mail is None:
            return
        key = self._hashes.workflow_key(event.event_id)
        await none_if_unavailable(
            start_in_background(
                self._temporal,
                Notice.run,
                notice_input(event.event_id, key),
                workflow_id=notice_workflow_id(key),
                queue=Queue.IDENTITY,
                summary=SUMMARY,
            )
        )
