"""Sign-ins and password resets that an operator resets to their first task: all ends, and stays, as it was.

On the dev stack: the time-skipping server cannot reset. A new run waits two seconds for the worker that knew the old
one, so the plays of this file go on side by side; each test asks after its own.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from api.flows import Flows, Start
from devstack.stack import Stack
from domain.devices import DeviceFields
from domain.flows import FlowKind, FlowState
from domain.mail import MailState
from domain.users import Role
from tests.access import new_device
from tests.accounts import make_account
from tests.envelope import data, refusal
from tests.mailbox import Mailbox
from tests.people import SignedIn
from tests.waiting import eventually
from tests.workflows.actor import WRONG
from tests.workflows.operator import Operator
from workflows.flows import FlowStep
from workflows.queues import Queue
from workflows.sign_in import SignIn, SignInOrder

DEVICE = "/auth/login/fingerprint/email-verification"
FORGOT = "/auth/password/forgot"


@dataclass(frozen=True)
class Scene:
    api: httpx.AsyncClient
    mailbox: Mailbox
    resources: Resources
    someone: SignedIn

    async def signs_in(self) -> str:
        return str(data(await self.api.post("/auth/login", json=new_device(self.someone.person)), 202)["flow_id"])

    async def forgets(self) -> str:
        ask = {"email_or_username": self.someone.person.email}
        return str(data(await self.api.post(f"{FORGOT}/initiate", json=ask), 202)["flow_id"])

    async def code(self, kind: str) -> str:
        return await self.mailbox.code(self.someone.person.email, kind)

    async def types_wrong(self, route: str, flow_id: str, times: int) -> None:
        for _ in range(times):
            answer = await self.api.post(route, json={"flow_id": flow_id, "code": WRONG})
            assert refusal(answer) == (400, "WrongCode")

    async def everything(self) -> dict[str, Any]:
        """All that the stores hold about the person; waits until no mail and no notice is under way."""
        await eventually(self._is_quiet)
        database, mine = self.resources.clients.database, {"user_id": ObjectId(self.someone.user["_id"])}
        found = {name: await database[name].find(mine).to_list() for name in ("sessions", "device_fingerprints")}
        found["events"] = await database["security_events"].find(mine).to_list()
        found["users"] = await database["users"].find({"_id": mine["user_id"]}).to_list()
        return found | {"mails": await self._mails()}

    async def _is_quiet(self) -> bool:
        owed = {"user_id": ObjectId(self.someone.user["_id"]), "notice_open_since": {"$exists": True}}
        is_owed = await self.resources.clients.database["security_events"].count_documents(owed)
        return not is_owed and all(MailState(mail["state"]).is_final for mail in await self._mails())

    async def _mails(self) -> list[dict[str, Any]]:
        to = {"recipient_hash": self.resources.hashes.subject(self.someone.person.email)}
        return await self.resources.clients.database["mails"].find(to).to_list()


@dataclass(frozen=True)
class Outcome:
    """How the flow ended, and what the stores held then; before the reset, and after it."""

    before: tuple[FlowState, dict[str, Any]]
    after: tuple[FlowState, dict[str, Any]]


async def signed_in_at_the_last_try(scene: Scene) -> str:
    flow_id = await scene.signs_in()
    await scene.types_wrong(DEVICE, flow_id, times=4)
    code = await scene.code("fingerprint-verify")
    data(await scene.api.post(DEVICE, json={"flow_id": flow_id, "code": code}))
    return flow_id


async def sign_in_locked(scene: Scene) -> str:
    flow_id = await scene.signs_in()
    await scene.types_wrong(DEVICE, flow_id, times=5)
    return flow_id


async def sign_in_cancelled(scene: Scene) -> str:
    flow_id = await scene.signs_in()
    data(await scene.api.post(f"/flows/{flow_id}/cancel"))
    return flow_id


async def sign_in_expired(scene: Scene) -> str:
    """Begun as the API begins one, but eleven minutes ago."""
    asked_at, hashes, person = datetime.now(UTC) - timedelta(minutes=11), scene.resources.hashes, scene.someone.person
    order = SignInOrder(
        flow_id=hashes.flow_id(FlowKind.SIGN_IN, None),
        user_id=scene.someone.user["_id"],
        user_key=hashes.workflow_key(scene.someone.user["_id"]),
        username=person.username,
        role=Role.USER,
        email_address=person.email,
        device=DeviceFields("a" * 64, "Firefox 145", "Phone", "decode"),
        address_prefix="192.0.2.0/24",
        epoch=0,
        needs_device_code=True,
        needs_second_factor=False,
        asked_at=asked_at,
        key_id=scene.resources.codes.current_key_id,
        code_life_seconds=600,
        body_hash="",
    )
    start = Start(
        run=SignIn.run,
        order=order,
        kind=FlowKind.SIGN_IN,
        flow_id=order.flow_id,
        queue=Queue.IDENTITY,
        subject_hash=hashes.subject(person.email),
        summary="Sign-in that needs more than the password",
    )
    await Flows(scene.resources.temporal, hashes).start(start, SignIn.begun, FlowStep(asked_at, ""))
    return order.flow_id


async def password_reset_at_the_last_tries(scene: Scene) -> str:
    flow_id = await scene.forgets()
    await scene.types_wrong(f"{FORGOT}/verify-email", flow_id, times=4)
    proof = {"flow_id": flow_id, "code": await scene.code("forgot-password-verify")}
    data(await scene.api.post(f"{FORGOT}/verify-email", json=proof))
    weak = await scene.api.post(f"{FORGOT}/change", json={**proof, "new_password": "short"})
    assert refusal(weak) == (422, "WeakPassword")
    data(await scene.api.post(f"{FORGOT}/change", json={**proof, "new_password": "another long enough phrase"}))
    return flow_id


async def password_reset_locked(scene: Scene) -> str:
    flow_id = await scene.forgets()
    await scene.types_wrong(f"{FORGOT}/verify-email", flow_id, times=5)
    return flow_id


async def password_reset_cancelled(scene: Scene) -> str:
    flow_id = await scene.forgets()
    data(await scene.api.post(f"/flows/{flow_id}/cancel"))
    return flow_id


PLAYS: dict[Callable[[Scene], Awaitable[str]], FlowState] = {
    signed_in_at_the_last_try: FlowState.COMPLETED,
    sign_in_locked: FlowState.LOCKED,
    sign_in_cancelled: FlowState.CANCELLED,
    sign_in_expired: FlowState.EXPIRED,
    password_reset_at_the_last_tries: FlowState.COMPLETED,
    password_reset_locked: FlowState.LOCKED,
    password_reset_cancelled: FlowState.CANCELLED,
}


@pytest.fixture(scope="module")
async def outcomes(stack: Stack, resources: Resources) -> AsyncIterator[dict[Any, asyncio.Task[Outcome]]]:
    async with (
        httpx.AsyncClient(base_url=stack.url("api"), timeout=30) as api,
        httpx.AsyncClient(base_url=stack.url("mailbox"), timeout=30) as letters,
    ):
        scenes = [Scene(api, Mailbox(letters), resources, await make_account(resources)) for _ in PLAYS]
        operator = Operator(resources)
        tasks = {
            play: asyncio.create_task(reset(play, scene, operator)) for play, scene in zip(PLAYS, scenes, strict=True)
        }
        yield tasks
        await asyncio.gather(*tasks.values(), return_exceptions=True)


async def reset(play: Callable[[Scene], Awaitable[str]], scene: Scene, operator: Operator) -> Outcome:
    flow_id = await play(scene)
    before = await operator.end_of(flow_id), await scene.everything()
    return Outcome(before, (await operator.resets(flow_id), await scene.everything()))


@pytest.mark.parametrize(("play", "end"), PLAYS.items())
async def test_flow_ends_as_it_did_and_leaves_nothing_new(
    play: Callable[[Scene], Awaitable[str]], end: FlowState, outcomes: dict[Any, asyncio.Task[Outcome]]
) -> None:
    outcome = await outcomes[play]

    assert outcome.before[0] is end
    assert outcome.after == outcome.before
