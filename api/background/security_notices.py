"""Triggers the notices of a security event to the account's owner, by mail and in the app. The stored event is the
intent: this only saves time.
"""

from temporalio.client import Client

from adapters.crypto.keyed_hashes import KeyedHashes
from api.background.notifications import NotificationTrigger
from api.background.start import start_in_background
from api.http.outages import none_if_unavailable
from domain.event_specs import event_spec
from domain.users.security_events import SecurityEvent
from workflows.queues import Queue
from workflows.users.security_notices import SUMMARY, Notice, notice_input, notice_workflow_id


class NoticeTrigger:
    """Starts the Notice workflow of a security event, and wakes the owner's notifications."""

    def __init__(self, temporal: Client, hashes: KeyedHashes, notification_trigger: NotificationTrigger) -> None:
        self._temporal = temporal
        self._hashes = hashes
        self._notification_trigger = notification_trigger

    async def trigger(self, event: SecurityEvent) -> None:
        """Start the notices that the spec of a recorded event asks for. With Temporal unavailable the sweep does it."""
        spec = event_spec(event)
        if spec.notification:
            self._notification_trigger.trigger(event.user_id)
        if spec.mail is None:
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
