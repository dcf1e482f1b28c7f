"""What the tests of workflows share: a server whose clock skips, workers on it, and people who ask for something."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from adapters.resources import Resources
from tests.workflows.clients.account_deletion import Leaver
from tests.workflows.clients.account_export import Exporter
from tests.workflows.clients.email_change import Mover
from tests.workflows.clients.email_revert import Regretter
from tests.workflows.clients.password_reset import Forgetful
from tests.workflows.clients.registration import Newcomer
from tests.workflows.clients.sign_in import Returner
from tests.workflows.clients.username_change import Renamer
from tests.workflows.fakes.all import Fakes
from tests.workflows.operator import Operator
from tests.workflows.time_skipping import Clock, SkippingServers, at_work, skipping_servers


@pytest.fixture(scope="session")
async def servers() -> AsyncIterator[SkippingServers]:
    async with skipping_servers() as servers:
        yield servers


@pytest.fixture
async def client(servers: SkippingServers) -> Client:
    """A client of an empty server."""
    return await servers.new_client()


@pytest.fixture
def clock(client: Client) -> Clock:
    return Clock(client)


@pytest.fixture
async def fakes(client: Client) -> AsyncIterator[Fakes]:
    """The activities that the workers host; every queue has a worker."""
    fakes = Fakes()
    async with at_work(client, fakes):
        yield fakes


@pytest.fixture
def newcomer(client: Client, clock: Clock, fakes: Fakes) -> Newcomer:
    """Has not asked for anything yet."""
    return Newcomer(client, clock)


@pytest.fixture
def returner(client: Client, clock: Clock, fakes: Fakes) -> Returner:
    """Is about to sign in on a new device."""
    return Returner(client, clock)


@pytest.fixture
def careful(client: Client, clock: Clock, fakes: Fakes) -> Returner:
    """The same with a second factor: needs both."""
    return Returner(client, clock, has_second_factor=True)


@pytest.fixture
def forgetful(client: Client, clock: Clock, fakes: Fakes) -> Forgetful:
    """Is about to reset the password."""
    return Forgetful(client, clock)


@pytest.fixture
def exporter(client: Client, clock: Clock, fakes: Fakes) -> Exporter:
    """Has not asked yet."""
    return Exporter(client, clock)


@pytest.fixture
def leaver(client: Client, clock: Clock, fakes: Fakes) -> Leaver:
    """Has an account still."""
    return Leaver(client, clock, fakes)


@pytest.fixture
def renamer(client: Client, clock: Clock, fakes: Fakes) -> Renamer:
    """Is about to ask for another username."""
    return Renamer(client, clock)


@pytest.fixture
def mover(client: Client, clock: Clock, fakes: Fakes) -> Mover:
    """Is about to ask for another mail address."""
    return Mover(client, clock)


@pytest.fixture
def regretter(client: Client, clock: Clock, fakes: Fakes) -> Regretter:
    """Is about to be told that the address was changed."""
    return Regretter(client, clock)


@pytest.fixture
def operator(resources: Resources) -> Operator:
    return Operator(resources)
