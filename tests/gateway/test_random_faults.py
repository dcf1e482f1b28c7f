"""Whatever breaks, and in whichever order: who resumes has seen each notification once, in order, in the end.

The faults are cheap ones, so that many orders can be tried: the network breaks, a gateway restarts, Redis drops its
subscribers, words are lost on the way. tests/faults has the dear ones.
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

EXAMPLES = 15
MOST_STEPS = 8


@dataclass
class World:
    """One gateway, one person, and how much they were told."""

    settings: Settings
    resources: Resources
    someone: SignedIn
    port: int
    running: AsyncExitStack
    api: Served | None = None
    told: int = 0

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

    async def tells_some(self) -> None:
        self.told = await store_and_push(self.resources, self.someone.user["_id"], 3)

    async def tells_many(self) -> None:
        self.told = await store_and_push(self.resources, self.someone.user["_id"], 70)

    async def tells_and_the_word_is_lost(self) -> None:
        user_id, now = self.someone.user["_id"], datetime.now(UTC)
        self.told = (
            await self.resources.notifications.notifications.write(user_id, new_notifications(2), now)
        ).last_seq


Step = Callable[[World], Awaitable[None]]
STEPS: list[Step] = [
    World.restarts,
    World.breaks_the_network,
    World.drops_subscribers,
    World.tells_some,
    World.tells_many,
    World.tells_and_the_word_is_lost,
]


async def listeners(resources: Resources) -> int:
    """How many connections listen to Redis; the stack's own API is among them."""
    return len(await resources.clients.redis.client_list(_type="pubsub"))


async def all_listen_again(resources: Resources, number: int) -> bool:
    return await listeners(resources) >= number


@pytest.fixture
def quick_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway compares numbers more often: what is lost is found while the test waits."""
    monkeypatch.setattr(rounds, "SEQ_CHECK_SECONDS", 0.5)


@pytest.mark.defect(67, 106)
@pytest.mark.usefixtures("quick_rounds")
@given(steps=st.lists(st.sampled_from(STEPS), max_size=MOST_STEPS))
@tried(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_each_is_seen_once_in_order(settings: Settings, resources: Resources, steps: list[Step]) -> None:
    listening = await listeners(resources)
    async with AsyncExitStack() as running:
        world = World(settings, resources, await make_account(resources), free_port(), running)
        await world.starts()
        assert world.api
        async with reading_notifications(world.someone, world.api.url) as reader:
            for step in steps:
                await step(world)

            await reader.has_seen(range(1, world.told + 1), within=30)

    await eventually(lambda: all_listen_again(resources, listening))
