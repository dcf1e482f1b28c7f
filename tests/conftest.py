"""What tests share: the stack they run against, and the clients that talk to it.

Only tests that ask for one of these start a server. The stack lives in `.run/test`, beside that of
`make run`, with its own ports and data; one that runs already is used and left running. When a run has several
processes, the others have stacks of their own: whatever a test does to its servers, no other process notices.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import hypothesis
import pytest
from xdist.remote import Producer

from adapters.neo4j.social.plan_warm_up import warm_up
from adapters.resources import Resources, open_resources
from config.settings import Settings
from devstack.servers.catalogue import servers_with
from devstack.servers.neo4j import Neo4j
from devstack.stack import Stack
from tests.support.clients import client_of
from tests.support.llama import Llama, running_llama
from tests.support.mailbox import Mailbox
from tests.support.sharing import Sharing, in_order, require_ids_of_their_own
from workers.schedules import (
    ACCESS_UPKEEP,
    AUDIT_VERIFY,
    FOLLOWER_SNAPSHOTS,
    GRAPH_RECONCILE,
    JOURNAL_CHECKPOINT,
    JOURNAL_TRIM,
    KEY_UPKEEP,
)

PAUSED_SCHEDULES = (
    *(GRAPH_RECONCILE, FOLLOWER_SNAPSHOTS, ACCESS_UPKEEP, KEY_UPKEEP),
    *(JOURNAL_CHECKPOINT, AUDIT_VERIFY, JOURNAL_TRIM),
)
PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
RUN = Path(__file__).resolve().parent.parent / ".run" / ("test" if PROCESS == "gw0" else f"test-{PROCESS}")

# Tests are many people at one address. Those that are about limits bring an app of their own.
os.environ["DECODE_RATE_LIMITS"] = "off"

# A property holds or not; how long an example takes says only how busy the machine is.
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Sharing:
    return Sharing(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    require_ids_of_their_own(items)
    items[:] = in_order(items)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Servers, worker and API, all healthy."""
    stack = Stack(RUN, servers=servers_with(Neo4j(is_short_lived=True)))
    with _left_as_found(stack):
        stack.up()
        yield stack


@pytest.fixture(scope="session")
def llama_stack() -> Iterator[Stack]:
    """llama.cpp's server and nothing else, in a folder of its own: only tests that ask for it start a model."""
    stack = Stack(RUN.with_name(f"{RUN.name}-llama"), servers=(), processes=lambda *_: ())
    with _left_as_found(stack):
        stack.up(servers_only=True, optional=["assistant"])
        yield stack


@pytest.fixture(scope="session")
def llama(llama_stack: Stack) -> Llama:
    """A real language model: a small one, which says the same each time it is asked the same at temperature 0."""
    return running_llama(llama_stack)


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """The running API over HTTP."""
    async with client_of(stack.url("api")) as client:
        yield client


@pytest.fixture
async def mailbox(stack: Stack) -> AsyncIterator[Mailbox]:
    async with client_of(stack.url("mailbox")) as client:
        yield Mailbox(client)


@pytest.fixture(scope="session")
def settings(stack: Stack) -> Settings:
    """Settings as the stack's own processes have them."""
    os.environ.update(stack.environment())
    return Settings()


@pytest.fixture(scope="session")
async def resources(settings: Settings) -> AsyncIterator[Resources]:
    """The product's own clients and stores on the stack's servers, opened once: that costs more than most tests."""
    async with open_resources(settings, service="api") as resources:
        await _keep_out(resources)
        yield resources


@pytest.fixture
async def planned(resources: Resources) -> None:
    """Neo4j has planned our statements for the graph as it is now. It plans anew when the graph has grown much, which
    in tests it always has; that may take a busy machine longer than a reader waits, and then the answer is null.
    """
    await warm_up(resources.clients.neo4j)


@contextmanager
def _left_as_found(stack: Stack) -> Iterator[None]:
    was_up = any(row["healthy"] for row in stack.state()["servers"])
    yield
    if not was_up:
        stack.down()


async def _keep_out(resources: Resources) -> None:
    """Tests put into the stores what no account has asked for: by schedule it would be mended, signed
    or dropped under their hands.
    """
    for schedule_id in PAUSED_SCHEDULES:
        await resources.temporal.get_schedule_handle(schedule_id).pause(note="while tests run")
