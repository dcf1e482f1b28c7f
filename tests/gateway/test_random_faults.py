"""Random faults in random order: a client that resumes receives each notification once and in order.

The faults are cheap ones, so that many orders can be tried: the network breaks, a gateway restarts, Redis drops its
subscribers, a push is lost. tests/faults has the expensive ones.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from adapters.resources import Resources
from api.notifications.gateway import periodic_checks as rounds
from config.settings import Settings
from tests.gateway.serving import Served, free_port, served
from tests.support.accounts import make_account
from tests.support.notification_client import reading_notifications
from tests.support.notifications import new_notifications, store_and_push
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.soak import count_of

EXAMPLES = count_of(25)
MOST_STEPS = 8


@dataclass
class World:
    """One gateway, one account, and the seq of its newest notification."""

    settings: Settings
    resources: Resources
    someone: SignedIn
    port: int
    running: AsyncExitStack
    api: Served | None = None
    last_seq: int = 0

    async def starts(self) -> None:
        self.api = await self.running.enter_async_context(served(self.settings, port=self.port))

    async def restarts(self) -> None:
        await self.running.aclose()
        await self.starts()

    async def breaks_the_network(self) -> None:
        assert self.api
        self.api.cut_off()

    async def drops_subscribers(self) -> None:
        await self.resources.clients.redis.client_kill_filter(_type="pubsub")

    async def pushes_some(self) -> None:
        self.last_seq = await store_and_push(self.resources, self.someone.user["_id"], 3)

    async def pushes_many(self) -> None:
        self.last_seq = await store_and_push(self.resources, self.someone.user["_id"], 70)

    async def stores_without_a_push(self) -> None:
        user_id, now = self.someone.user["_id"], datetime.now(UTC)
        self.last_seq = (
            await self.resources.notifications.notifications.write(user_id, new_notifications(2), now)
        ).last_seq


Step = Callable[[World], Awaitable[None]]
STEPS: list[Step] = [
    World.restarts,
    World.breaks_the_network,
    World.drops_subscribers,
    World.pushes_some,
    World.pushes_many,
    World.stores_without_a_push,
]


async def listeners(resources: Resources) -> int:
    """Return the number of Redis pub/sub connections, those of the stack's API included."""
    return len(await resources.clients.redis.client_list(_type="pubsub"))


async def all_listen_again(resources: Resources, number: int) -> bool:
    return await listeners(resources) >= number


@pytest.fixture
def quick_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare seqs with the store every 0.5 s, so that a lost push is found while the test waits."""
    monkeypatch.setattr(rounds, "SEQ_CHECK_SECONDS", 0.5)


@pytest.mark.defect(67, 106)
@pytest.mark.usefixtures("quick_rounds")
@given(steps=st.lists(st.sampled_from(STEPS), max_size=MOST_STEPS))
@tried(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_each_notification_is_received_once_in_order(
    settings: Settings, resources: Resources, steps: list[Step]
) -> None:
    listening = await listeners(resources)
    async with AsyncExitStack() as running:
        world = World(settings, resources, await make_account(resources), free_port(), running)
        await world.starts()
        assert world.api
        async with reading_notifications(world.someone, world.api.url) as reader:
            for step in steps:
                await step(world)

            await reader.has_seen(range(1, world.last_seq + 1), within=30)

    await eventually(lambda: all_listen_again(resources, listening))
