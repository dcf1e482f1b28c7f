"""Fixtures of the workflow tests: a server whose clock skips, workers on it, and clients of the flows."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from adapters.resources import Resources
from tests.workflows.clients.account_deletion import AccountDeletionClient
from tests.workflows.clients.account_export import AccountExportClient
from tests.workflows.clients.audit_export import AuditExportClient
from tests.workflows.clients.email_change import EmailChangeClient
from tests.workflows.clients.email_revert import EmailRevertClient
from tests.workflows.clients.password_reset import PasswordResetClient
from tests.workflows.clients.registration import RegistrationClient
from tests.workflows.clients.sign_in import SignInClient
from tests.workflows.clients.username_change import UsernameChangeClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.operator import Operator
from tests.workflows.time_skipping import Clock, SkippingServers, run_workers, skipping_servers


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
    async with run_workers(client, fakes):
        yield fakes


@pytest.fixture
def newcomer(client: Client, clock: Clock, fakes: Fakes) -> RegistrationClient:
    """Has not asked for anything yet."""
    return RegistrationClient(client, clock)


@pytest.fixture
def returner(client: Client, clock: Clock, fakes: Fakes) -> SignInClient:
    """Is about to sign in on a new device."""
    return SignInClient(client, clock)


@pytest.fixture
def careful(client: Client, clock: Clock, fakes: Fakes) -> SignInClient:
    """The same with a second factor: needs both."""
    fakes.two_factor.is_on = True
    return SignInClient(client, clock, has_second_factor=True)


@pytest.fixture
def forgetful(client: Client, clock: Clock, fakes: Fakes) -> PasswordResetClient:
    """Is about to reset the password."""
    return PasswordResetClient(client, clock)


@pytest.fixture
def exporter(client: Client, clock: Clock, fakes: Fakes) -> AccountExportClient:
    """Has not asked yet."""
    return AccountExportClient(client, clock)


@pytest.fixture
def auditor(client: Client, clock: Clock, fakes: Fakes) -> AuditExportClient:
    """Is about to export the journal."""
    return AuditExportClient(client, clock)


@pytest.fixture
def leaver(client: Client, clock: Clock, fakes: Fakes) -> AccountDeletionClient:
    """Has an account still."""
    return AccountDeletionClient(client, clock, fakes)


@pytest.fixture
def renamer(client: Client, clock: Clock, fakes: Fakes) -> UsernameChangeClient:
    """Is about to ask for another username."""
    return UsernameChangeClient(client, clock)


@pytest.fixture
def mover(client: Client, clock: Clock, fakes: Fakes) -> EmailChangeClient:
    """Is about to ask for another mail address."""
    return EmailChangeClient(client, clock)


@pytest.fixture
def regretter(client: Client, clock: Clock, fakes: Fakes) -> EmailRevertClient:
    """The client that receives the mail about a changed address."""
    return EmailRevertClient(client, clock)


@pytest.fixture
def operator(resources: Resources) -> Operator:
    return Operator(resources)
