"""One kill -9 of the worker in the middle of changes of name and address, each at another step: all complete, once.

The mail server refuses and MongoDB is silent when it happens, so that a step that waits for a mail or a write cannot
get it. The steps are sent directly to the flows: the routes would first read the caller from MongoDB. The kill
happens once, before the first test of this file; each test then checks its own user.
"""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from api.flows.client import FlowClient
from devstack.stack import Stack
from domain.errors import DependencyUnavailable
from domain.flows import FlowKind, FlowState
from tests.faults.conftest import is_synced
from tests.faults.outages import frozen, send_signal
from tests.faults.traces import has_step_in_hand, traces_of
from tests.support.accounts import make_account
from tests.support.clients import client_of
from tests.support.email_change import EmailChanger
from tests.support.envelope import data
from tests.support.flows import state_of
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, new_person
from tests.support.polling import eventually
from tests.support.signed_in import on_device
from workflows.accounts.email_change import EmailChange, ProveNewEmail
from workflows.accounts.email_revert import EmailRevert, RevertEmailChange
from workflows.accounts.username_change import ProveUsernameChange, UsernameChange

NAME = "/users/username/change"
DEVICE, NETWORK = "Firefox 145, Linux", "127.0.0.0/24"


@dataclass(frozen=True)
class Case:
    """A user whose flow was interrupted by the kill; `wanted` is the new name or address."""

    someone: SignedIn
    flow_id: str
    wanted: str
    code: str = ""


@dataclass(frozen=True)
class Scene:
    rename_begun: Case
    move_begun: Case
    name_proved: Case
    address_proved: Case
    taken_back: Case
    address_swapped: Case


class Play:
    """Brings users to the steps at which the kill happens."""

    def __init__(self, api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources) -> None:
        self.api = api
        self.mailbox = mailbox
        self.resources = resources
        self.flows = FlowClient(resources.temporal, resources.hashes)

    async def rename_begun(self) -> Case:
        someone, name = await make_account(self.resources), new_person().username
        body = {"new_username": name}
        flow = data(await self.api.post(f"{NAME}/initiate", json=body, headers=on_device(someone)), 202)
        return Case(someone, flow["flow_id"], name)

    async def name_to_prove(self) -> Case:
        case = await self.rename_begun()
        code = await self.mailbox.code(case.someone.person.email, "username-change-verify")
        return Case(case.someone, case.flow_id, case.wanted, code)

    async def move_begun(self) -> Case:
        mover = await self._mover()
        return Case(mover.someone, await mover.starts(), mover.address)

    async def address_to_prove(self) -> Case:
        mover, address = await self._mover(), new_person().email
        await mover.starts_and_proves()
        data(await mover.enters_new_email(address), 202)
        code = await mover.next_code(address, "new-email-change-verify")
        return Case(mover.someone, mover.flow_id, address, code)

    async def change_to_take_back(self) -> Case:
        mover = await self._mover()
        await mover.changes_email(new_person().email)
        old = mover.someone.person.email
        way_back = await mover.read_revert_mail(old)
        return Case(mover.someone, way_back["flow_id"], old, way_back["code"])

    async def prove_name(self, case: Case) -> None:
        ask = ProveUsernameChange(self._proof(case), datetime.now(UTC), "", DEVICE, NETWORK)
        owner = case.someone.user["_id"]
        await self._take(
            self.flows.send_update(
                case.flow_id, UsernameChange.verify, ask, kind=FlowKind.USERNAME_CHANGE, update_id="cut", user_id=owner
            )
        )

    async def prove_address(self, case: Case) -> None:
        session_id, owner = case.someone.session["_id"], case.someone.user["_id"]
        ask = ProveNewEmail(self._proof(case), datetime.now(UTC), "", session_id, DEVICE, NETWORK)
        await self._take(
            self.flows.send_update(
                case.flow_id, EmailChange.verify_new, ask, kind=FlowKind.EMAIL_CHANGE, update_id="cut", user_id=owner
            )
        )

    async def take_back(self, case: Case) -> None:
        ask = RevertEmailChange(self._proof(case), datetime.now(UTC), "", NETWORK)
        await self._take(
            self.flows.send_update(case.flow_id, EmailRevert.revert, ask, kind=FlowKind.EMAIL_REVERT, update_id="cut")
        )

    async def _take(self, step: Any) -> None:
        """Whether the answer is there in time does not matter here."""
        with contextlib.suppress(DependencyUnavailable):
            await step

    def _proof(self, case: Case) -> str:
        return self.resources.hashes.code_proof(case.flow_id, case.code)

    async def _mover(self) -> EmailChanger:
        return EmailChanger(self.api, self.mailbox, await make_account(self.resources))


@pytest.fixture(scope="module")
async def scene(stack: Stack, resources: Resources) -> AsyncIterator[Scene]:
    async with (
        client_of(stack.url("api")) as api,
        client_of(stack.url("mailbox")) as letters,
    ):
        mailbox = Mailbox(letters)
        play = Play(api, mailbox, resources)
        name, address, change, swapped = await asyncio.gather(
            play.name_to_prove(), play.address_to_prove(), play.change_to_take_back(), play.address_to_prove()
        )
        await mailbox.break_with("reject_4xx")
        rename_begun, move_begun, _ = await asyncio.gather(
            play.rename_begun(), play.move_begun(), play.prove_address(swapped)
        )
        with frozen(stack, "mongodb"):
            await asyncio.gather(play.prove_name(name), play.prove_address(address), play.take_back(change))
            await eventually(lambda: all_in_hand(resources, name, address, change))
            send_signal(stack, "worker", signal.SIGKILL)
        await mailbox.break_with("none")
        yield Scene(rename_begun, move_begun, name, address, change, swapped)


async def all_in_hand(resources: Resources, *cases: Case) -> bool:
    return all([await has_step_in_hand(resources, case.flow_id) for case in cases])


async def completed(api: httpx.AsyncClient, case: Case) -> None:
    """Return once the flow has completed without any further request."""

    async def is_completed() -> bool:
        return await state_of(api, case.flow_id) == FlowState.COMPLETED

    await eventually(is_completed, within=60)


async def account_of(resources: Resources, case: Case) -> tuple[str, str]:
    """Name and address."""
    user = await resources.users.users.find(case.someone.user["_id"])
    assert user
    return user.username, user.email_address


@pytest.mark.parametrize(
    ("cut", "kind"), [("rename_begun", "username-change-verify"), ("move_begun", "email-change-verify")]
)
async def test_change_just_begun_still_mails_its_code(scene: Scene, mailbox: Mailbox, cut: str, kind: str) -> None:
    case: Case = getattr(scene, cut)

    await mailbox.code(case.someone.person.email, kind, within=60)

    assert len(await mailbox.message_ids(case.someone.person.email, kind)) == 1


async def test_name_that_was_proved_is_borne(scene: Scene, api: httpx.AsyncClient, resources: Resources) -> None:
    case = scene.name_proved

    await completed(api, case)

    assert await account_of(resources, case) == (case.wanted, case.someone.person.email)
    assert (await traces_of(resources, case.someone)).events == ("registered", "username_changed")
    await eventually(lambda: is_synced(resources, ObjectId(case.someone.user["_id"])), within=60)


@pytest.mark.parametrize("cut", ["address_proved", "address_swapped"])
async def test_proved_address_is_stored_and_the_old_one_is_notified_once(
    scene: Scene, api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, cut: str
) -> None:
    case: Case = getattr(scene, cut)

    await completed(api, case)

    assert await account_of(resources, case) == (case.someone.person.username, case.wanted)
    assert (await traces_of(resources, case.someone)).events == ("email_changed", "registered")
    await mailbox.letter(case.someone.person.email, "email-changed", within=60)
    assert len(await mailbox.message_ids(case.someone.person.email, "email-changed")) == 1


async def test_reverted_address_is_stored_and_its_owner_is_notified_once(
    scene: Scene, api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    case = scene.taken_back

    await completed(api, case)

    assert await account_of(resources, case) == (case.someone.person.username, case.wanted)
    events = (await traces_of(resources, case.someone)).events
    assert events == ("email_changed", "email_reverted", "registered")
    await mailbox.letter(case.someone.person.email, "email-changed", number=2, within=60)
    assert len(await mailbox.message_ids(case.someone.person.email, "email-changed")) == 2
