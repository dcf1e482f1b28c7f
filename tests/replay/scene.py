"""Where an outcome comes about: a server of its own, workers on it with fake activities, and people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client

from tests.workflows.clients.account_deletion import Leaver
from tests.workflows.clients.account_export import Exporter
from tests.workflows.clients.email_change import Mover
from tests.workflows.clients.email_revert import Regretter
from tests.workflows.clients.flow_client import Actor
from tests.workflows.clients.follower_snapshots import Snapshooter
from tests.workflows.clients.password_reset import Forgetful
from tests.workflows.clients.registration import Newcomer
from tests.workflows.clients.sign_in import Returner
from tests.workflows.clients.username_change import Renamer
from tests.workflows.fakes.all import Fakes
from tests.workflows.time_skipping import Clock

TEN_MINUTES = timedelta(minutes=10, seconds=1)
A_MINUTE = timedelta(seconds=61)
FIVE_QUIET_TRIES = timedelta(seconds=4)


@dataclass(frozen=True)
class Scene:
    client: Client
    clock: Clock
    fakes: Fakes
    newcomer: Newcomer
    returner: Returner
    forgetful: Forgetful
    leaver: Leaver
    exporter: Exporter
    renamer: Renamer
    mover: Mover
    regretter: Regretter
    snapshooter: Snapshooter


Outcome = Callable[[Scene], Awaitable[str]]
"""Plays it, and returns the id of the workflow whose history is kept."""


def set_scene(client: Client, fakes: Fakes) -> Scene:
    """Nobody has asked for anything yet."""
    clock = Clock(client)
    return Scene(
        client,
        clock,
        fakes,
        newcomer=Newcomer(client, clock),
        returner=Returner(client, clock),
        forgetful=Forgetful(client, clock),
        leaver=Leaver(client, clock, fakes),
        exporter=Exporter(client, clock),
        renamer=Renamer(client, clock),
        mover=Mover(client, clock),
        regretter=Regretter(client, clock),
        snapshooter=Snapshooter(client, clock),
    )


async def ended(actor: Actor) -> str:
    """The workflow id of the actor's flow, once it is over."""
    await actor.end()
    return actor.workflow_id
