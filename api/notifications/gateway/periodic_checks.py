"""Periodic checks of what Redis messages announce: new notifications by their numbers, and what was read."""

import asyncio

from adapters.mongo.notifications.inboxes import InboxStore
from api.notifications.gateway.live_delivery import LiveDelivery
from api.notifications.gateway.read_sync import ReadSync
from api.notifications.gateway.rooms import Rooms
from api.sockets.socket_checks import every

SEQ_CHECK_SECONDS = 15.0


class PeriodicChecks:
    """The periodic checks of the gateway, besides those of any socket."""

    def __init__(self, rooms: Rooms, live_delivery: LiveDelivery, read_sync: ReadSync, inboxes: InboxStore) -> None:
        self._rooms = rooms
        self._live_delivery = live_delivery
        self._read_sync = read_sync
        self._inboxes = inboxes

    async def run(self) -> None:
        """Run all checks at their intervals until cancelled."""
        await asyncio.gather(
            every(SEQ_CHECK_SECONDS, self.compare_seqs), every(SEQ_CHECK_SECONDS, self._read_sync.push_missed)
        )

    async def compare_seqs(self) -> None:
        """Find notifications that no Redis message announced, by their last sequence numbers. One query."""
        user_ids = self._rooms.keys()
        if user_ids:
            for user_id, last_seq in (await self._inboxes.find_last_seqs(user_ids)).items():
                self._live_delivery.notify_stored(user_id, last_seq)
