"""Has the owner of an account told of a security event, by mail and inside the app. The event itself is the intent:
this only hurries.
"""

from temporalio.client import Client

from adapters.crypto.hashes import Hashes
from api.background.notifications import NotificationWakes
from api.background.start import start_in_background
from api.http.outages import tolerated
from domain.event_specs import event_spec
from domain.users.security_events import SecurityEvent
from workflows.queues import Queue
from workflows.users.security_notices import SUMMARY, Notice, notice_id, notice_of


class Notices:
    def __init__(self, temporal: Client, hashes: Hashes, wakes: NotificationWakes) -> None:
        self._temporal = temporal
        self._hashes = hashes
        self._wakes = wakes

    async def kick(self, event: SecurityEvent) -> None:
        """Start what tells of an event that was recorded. With Temporal away the sweep does it later."""
        spec = event_spec(event)
        if spec.notification:
            self._wakes.wake(event.user_id)
        if spec.mail is None:
            return
        key = self._hashes.workflow_key(event.event_id)
        await tolerated(
            start_in_background(
                self._temporal,
                Notice.run,
                notice_of(event.event_id, key),
                workflow_id=notice_id(key),
                queue=Queue.IDENTITY,
                summary=SUMMARY,
            )
        )
