"""Where a history is recorded: a server of its own, workers on it with fake activities, and clients."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client

from tests.workflows.clients.account_deletion import AccountDeletionClient
from tests.workflows.clients.account_export import AccountExportClient
from tests.workflows.clients.audit_export import AuditExportClient
from tests.workflows.clients.email_change import EmailChangeClient
from tests.workflows.clients.email_revert import EmailRevertClient
from tests.workflows.clients.flow_client import FlowActor
from tests.workflows.clients.follower_snapshots import FollowerSnapshotsClient
from tests.workflows.clients.password_reset import PasswordResetClient
from tests.workflows.clients.registration import RegistrationClient
from tests.workflows.clients.sign_in import SignInClient
from tests.workflows.clients.username_change import UsernameChangeClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.time_skipping import Clock

CODE_LIFETIME = timedelta(minutes=10, seconds=1)
A_MINUTE = timedelta(seconds=61)
FIVE_QUIET_TRIES = timedelta(seconds=4)


@dataclass(frozen=True)
class Scene:
    client: Client
    clock: Clock
    fakes: Fakes
    newcomer: RegistrationClient
    returner: SignInClient
    forgetful: PasswordResetClient
    leaver: AccountDeletionClient
    exporter: AccountExportClient
    auditor: AuditExportClient
    renamer: UsernameChangeClient
    mover: EmailChangeClient
    regretter: EmailRevertClient
    snapshooter: FollowerSnapshotsClient


Outcome = Callable[[Scene], Awaitable[str]]
"""Run it, and return the id of the workflow whose history is kept."""


def new_scene(client: Client, fakes: Fakes) -> Scene:
    """No client has sent a request yet."""
    clock = Clock(client)
    return Scene(
        client,
        clock,
        fakes,
        newcomer=RegistrationClient(client, clock),
        returner=SignInClient(client, clock),
        forgetful=PasswordResetClient(client, clock),
        leaver=AccountDeletionClient(client, clock, fakes),
        exporter=AccountExportClient(client, clock),
        auditor=AuditExportClient(client, clock),
        renamer=UsernameChangeClient(client, clock),
        mover=EmailChangeClient(client, clock),
        regretter=EmailRevertClient(client, clock),
        snapshooter=FollowerSnapshotsClient(client, clock),
    )


def in_one_workflow(outcomes: Mapping[str, Outcome]) -> Mapping[str, Outcome]:
    """The same outcomes since ONE_WORKFLOW, beside those recorded before it."""
    return {f"{name}-in-one-workflow": outcome for name, outcome in outcomes.items()}


def with_end_recorded(outcomes: Mapping[str, Outcome], *names: str) -> Mapping[str, Outcome]:
    """These of the outcomes since FLOW_ENDED, beside those recorded before it."""
    return {f"{name}-with-end-recorded": outcomes[name] for name in names}


async def ended(actor: FlowActor) -> str:
    """The workflow id of the actor's flow, once it is over."""
    await actor.end()
    return actor.workflow_id
