"""Where an outcome comes about: a server of its own, workers on it with fake activities, and people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client

from tests.workflows.actor import Actor
from tests.workflows.exporter import Exporter
from tests.workflows.fakes import Fakes
from tests.workflows.forgetful import Forgetful
from tests.workflows.leaver import Leaver
from tests.workflows.mover import Mover
from tests.workflows.newcomer import Newcomer
from tests.workflows.regretter import Regretter
from tests.workflows.renamer import Renamer
from tests.workflows.returner import Returner
from tests.workflows.skipping import Clock
from tests.workflows.snapshooter import Snapshooter

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
