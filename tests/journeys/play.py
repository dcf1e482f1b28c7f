"""Plays the guided journeys against the running stack and prints them: `python -m tests.journeys.play`.

Exit code 1 when a step fails.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import quote

import httpx

from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.resources import Resources, open_resources
from config.settings import load_settings
from decode_client import DecodeError
from devstack.stack import Stack
from domain.flows import parse_flow_kind
from tests.journeys import (
    assistant_talk,
    audit_story,
    exported_journal,
    forgotten_password,
    friends,
    leave_and_come_back,
    new_address,
    new_device,
    notified,
    registration,
    rename,
    second_factor,
    stolen_token,
    support_agent,
    two_apps,
    wallet,
)
from tests.journeys.steps import Apps, Step, apps_at
from tests.support.clients import client_of, random_client_address
from tests.support.mailbox import Mailbox

STEP_WIDTH = 56
JOURNEYS = {
    "An account": registration.play,
    "A new device": new_device.play,
    "A second factor": second_factor.play,
    "A forgotten password": forgotten_password.play,
    "A stolen token": stolen_token.play,
    "One sign-in for two apps": two_apps.play,
    "A wallet": wallet.play,
    "Told at once": notified.play,
    "Friends of friends": friends.play,
    "A talk with the assistant": assistant_talk.play,
    "Leave and come back": leave_and_come_back.play,
    "Another name": rename.play,
    "A new address, and back": new_address.play,
    "What a request has led to": audit_story.play,
    "A right for a day": support_agent.play,
    "A stranger verifies the journal": exported_journal.play,
}


class Table:
    """One line for each step: what, how long, and the flow's page in the Temporal UI."""

    def __init__(self, ui: str, hashes: KeyedHashes) -> None:
        self._ui = ui
        self._hashes = hashes

    async def show(self, title: str, steps: AsyncIterator[Step]) -> None:
        sys.stdout.write(f"{title:<{STEP_WIDTH + 2}} {'time':>8}  flow in the Temporal UI\n")
        before = time.perf_counter()
        async for step in steps:
            now = time.perf_counter()
            milliseconds = f"{(now - before) * 1000:.0f} ms"
            sys.stdout.write(f"  {step.name:<{STEP_WIDTH}} {milliseconds:>8}  {self._link(step.flow_id)}\n")
            before = now

    def _link(self, flow_id: str | None) -> str:
        if flow_id is None:
            return ""
        kind = parse_flow_kind(flow_id).replace("_", "-")
        workflow_id = f"{kind}/{self._hashes.workflow_key(flow_id)}"
        return f"{self._ui}/namespaces/default/workflows/{quote(workflow_id, safe='')}"


async def main() -> int:
    stack = Stack(Path(".run"))
    async with _resources(stack) as resources, client_of(stack.url("mailbox")) as letters:
        table = Table(stack.url("temporal-ui"), resources.hashes)
        try:
            for title, play in JOURNEYS.items():
                async with _somewhere_else(stack.url("api"), resources) as apps:
                    await table.show(title, play(apps, Mailbox(letters)))
        except (AssertionError, DecodeError, httpx.HTTPError) as error:
            sys.stdout.write(f"  failed: {type(error).__name__} {error}\n")
            return 1
    return 0


def _resources(stack: Stack) -> AbstractAsyncContextManager[Resources]:
    """What an operator of the stack has."""
    os.environ.update(stack.environment())
    return open_resources(load_settings(), service="api")


def _somewhere_else(url: str, resources: Resources) -> AbstractAsyncContextManager[Apps]:
    """Each journey uses a client network of its own: so none counts towards the limits of another, and the hourly
    limits are left for requests by hand.
    """
    address = random_client_address()
    return apps_at(url, resources, lambda: httpx.AsyncHTTPTransport(local_address=address))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
