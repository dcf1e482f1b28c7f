"""Notifications of security events, stored in the transaction that records the event: both or neither.

The follows of others take numbers of the same inbox. Of two transactions that do so at once the driver repeats one,
from its start; an event that meets a burst of follows does not go on repeating but becomes an intent.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from weakref import WeakKeyDictionary

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure

from adapters.mongo.client import Database
from adapters.mongo.notifications.notifications import insert_numbered
from adapters.mongo.transactions import after_commit
from domain.notifications.notifications import event_notification
from domain.users.security_events import EventNotification, SecurityEvent

MAX_CONFLICTS = 2
"""Conflicts over one inbox after which a transaction leaves the notification to its intent."""
TRANSIENT = "TransientTransactionError"

Publish = Callable[[str, int], Awaitable[object]]
Wake = Callable[[str], None]


class EventInbox:
    """Stores notifications of events and publishes their numbers.

    `publish`: takes user id and number; best effort, as gateways compare numbers by themselves. `wake`: takes the id of
    a user whose notification was left to its intent.
    """

    def __init__(self, database: Database, publish: Publish, wake: Wake) -> None:
        self._database = database
        self._publish = publish
        self._wake = wake
        self._conflicts: WeakKeyDictionary[AsyncClientSession, int] = WeakKeyDictionary()

    async def put(self, event: SecurityEvent, words: EventNotification, tx: AsyncClientSession) -> bool:
        """Store the notification of a new event in its transaction, and publish it once that has committed.

        False, and nothing is written, when the inbox is contended: the caller leaves the event open.
        """
        if self._conflicts.get(tx, 0) >= MAX_CONFLICTS:
            after_commit(tx, partial(self._leave, event.user_id))
            return False
        notification = event_notification(event, words)
        try:
            seq = await insert_numbered(self._database, [notification], event.user_id, event.at, tx)
        except OperationFailure as error:
            self._conflicts[tx] = self._conflicts.get(tx, 0) + error.has_error_label(TRANSIENT)
            raise
        after_commit(tx, partial(self._publish, event.user_id, seq))
        return True

    async def _leave(self, user_id: str) -> None:
        self._wake(user_id)
