"""What an operator's reset is judged by: how a flow ended and what the stores held, before it and after it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from bson import ObjectId

from adapters.resources import Resources
from devstack.stack import Stack
from domain.delivery.mail import MailState
from domain.flows import FlowState
from tests.support.accounts import make_account
from tests.support.clients import client_of
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.workflows.operator import Operator

SYNCING = {"sync_open_since": 0, "synced_version": 0}
"""How far the graph is: the sweep goes on with that in its own time."""


@dataclass(frozen=True)
class Scene:
    """One user at the API, the mailbox and the stores."""

    api: httpx.AsyncClient
    mailbox: Mailbox
    resources: Resources
    someone: SignedIn

    async def code(self, kind: str) -> str:
        return await self.mailbox.code(self.someone.person.email, kind)

    async def everything(self) -> dict[str, Any]:
        """Return all that the stores hold about the user; waits until no mail and no notice is in progress."""
        await eventually(self._is_quiet, within=60)
        database, mine = self.resources.clients.database, {"user_id": ObjectId(self.someone.user["_id"])}
        found = {name: await database[name].find(mine).to_list() for name in ("sessions", "device_fingerprints")}
        found["events"] = await database["security_events"].find(mine).to_list()
        found["users"] = await database["users"].find({"_id": mine["user_id"]}, SYNCING).to_list()
        return found | {"mails": await self._mails()}

    async def _is_quiet(self) -> bool:
        open_intents = [{name: {"$exists": True}} for name in ("notice_open_since", "notification_open_since")]
        owed = {"user_id": ObjectId(self.someone.user["_id"]), "$or": open_intents}
        is_owed = await self.resources.clients.database["security_events"].count_documents(owed)
        return not is_owed and all(MailState(mail["state"]).is_final for mail in await self._mails())

    async def _mails(self) -> list[dict[str, Any]]:
        to = {"recipient_hash": self.resources.hashes.subject_hash(self.someone.person.email)}
        return await self.resources.clients.database["mails"].find(to).to_list()


@dataclass(frozen=True)
class Outcome:
    """How the flow ended, and what the stores held then; before the reset, and after it."""

    before: tuple[FlowState, dict[str, Any]]
    after: tuple[FlowState, dict[str, Any]]


Play = Callable[[Scene], Awaitable[str]]
"""Plays a flow to its end. Returns its id."""


@asynccontextmanager
async def outcomes_of(plays: Sequence[Play], stack: Stack, resources: Resources) -> AsyncIterator[dict[Play, Any]]:
    """A task for each play that ends in its outcome. A new run waits two seconds for the worker that knew the old one,
    so they go on side by side.
    """
    async with (
        client_of(stack.url("api")) as api,
        client_of(stack.url("mailbox")) as letters,
    ):
        scenes = [Scene(api, Mailbox(letters), resources, await make_account(resources)) for _ in plays]
        operator = Operator(resources)
        tasks = {
            play: asyncio.create_task(_reset(play, scene, operator)) for play, scene in zip(plays, scenes, strict=True)
        }
        yield tasks
        await asyncio.gather(*tasks.values(), return_exceptions=True)


async def _reset(play: Play, scene: Scene, operator: Operator) -> Outcome:
    flow_id = await play(scene)
    before = await operator.end_of(flow_id), await scene.everything()
    return Outcome(before, (await operator.resets(flow_id), await scene.everything()))
