"""One kill -9 of the worker in the middle of sign-ins and password resets, each at another step: all complete, once.

The mail server refuses and MongoDB is silent when it happens, so that a step that waits for a mail or a write cannot
get it. The kill happens once, before the first test of this file; each test then checks its own user.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from devstack.stack import Stack
from tests.faults.outages import frozen, send_signal
from tests.faults.traces import SIGNED_IN_ON_NEW_DEVICE, Traces, has_step_in_hand, traces_of
from tests.support.accounts import make_account
from tests.support.clients import client_of, repeat_until_answered
from tests.support.envelope import data
from tests.support.flows import state_of
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import new_device, with_second_factor

DEVICE = "/auth/login/fingerprint/email-verification"
SECOND = "/auth/2fa/login"
VERIFY = "/auth/password/forgot/verify-email"
CHANGE = "/auth/password/forgot/change"
NEW = "another long enough phrase"


@dataclass(frozen=True)
class Case:
    """A user whose flow was interrupted by the kill; `body` is the step that was in progress."""

    someone: SignedIn
    flow_id: str
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> dict[str, str]:
        return {"Idempotency-Key": f"killed.{self.someone.person.username}"}


@dataclass(frozen=True)
class Scene:
    login_begun: Case
    reset_begun: Case
    code_taken: Case
    second_factor_shown: Case
    password_chosen: Case
    password_changed: Case

    @property
    def steps(self) -> list[tuple[str, Case]]:
        """The steps that the kill finds without their write."""
        return [(DEVICE, self.code_taken), (SECOND, self.second_factor_shown), (CHANGE, self.password_chosen)]


class Play:
    """Brings users to the steps at which the kill happens."""

    def __init__(self, api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources) -> None:
        self.api = api
        self.mailbox = mailbox
        self.resources = resources

    async def login_begun(self) -> Case:
        someone = await make_account(self.resources)
        flow = data(await self.api.post("/auth/login", json=new_device(someone.person)), 202)
        return Case(someone, flow["flow_id"])

    async def code_typed(self) -> Case:
        case = await self.login_begun()
        return await self._with_code(case, "fingerprint-verify")

    async def second_factor_shown(self) -> Case:
        """On a new device, whose code is verified."""
        someone, authenticator = await with_second_factor(self.api, self.resources)
        flow = data(await self.api.post("/auth/login", json=new_device(someone.person)), 202)
        case = await self._with_code(Case(someone, flow["flow_id"]), "fingerprint-verify")
        data(await self.api.post(DEVICE, json=case.body), 202)
        return Case(someone, case.flow_id, {"flow_id": case.flow_id, "recovery_code": authenticator.recovery_codes[0]})

    async def reset_begun(self) -> Case:
        someone = await make_account(self.resources)
        ask = {"email_or_username": someone.person.email}
        return Case(someone, data(await self.api.post("/auth/password/forgot/initiate", json=ask), 202)["flow_id"])

    async def password_chosen(self) -> Case:
        case = await self._with_code(await self.reset_begun(), "forgot-password-verify")
        data(await self.api.post(VERIFY, json=case.body))
        return Case(case.someone, case.flow_id, {**case.body, "new_password": NEW})

    async def take(self, route: str, case: Case) -> httpx.Response:
        return await self.api.post(route, json=case.body, headers=case.key)

    async def _with_code(self, case: Case, kind: str) -> Case:
        code = await self.mailbox.code(case.someone.person.email, kind)
        return Case(case.someone, case.flow_id, {"flow_id": case.flow_id, "code": code})


@pytest.fixture(scope="module")
async def scene(stack: Stack, resources: Resources) -> AsyncIterator[Scene]:
    async with (
        client_of(stack.url("api")) as api,
        client_of(stack.url("mailbox")) as letters,
    ):
        mailbox = Mailbox(letters)
        play = Play(api, mailbox, resources)
        code_taken, shown, chosen, changed = await asyncio.gather(
            play.code_typed(), play.second_factor_shown(), play.password_chosen(), play.password_chosen()
        )
        await mailbox.break_with("reject_4xx")
        login_begun, reset_begun, _ = await asyncio.gather(
            play.login_begun(), play.reset_begun(), play.take(CHANGE, changed)
        )
        scene = Scene(login_begun, reset_begun, code_taken, shown, chosen, changed)
        with frozen(stack, "mongodb"):
            answers = await asyncio.gather(*(play.take(route, case) for route, case in scene.steps))
            await eventually(lambda: all_in_hand(resources, scene))
            send_signal(stack, "worker", signal.SIGKILL)
        assert {answer.status_code for answer in answers} <= {202, 503}
        await mailbox.break_with("none")
        yield scene


async def test_sign_in_just_begun_still_mails_its_code(
    scene: Scene, api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    case = scene.login_begun

    code = await mailbox.code(case.someone.person.email, "fingerprint-verify", within=60)

    await taken(api, DEVICE, {"flow_id": case.flow_id, "code": code})
    assert await traces_of(resources, case.someone) == SIGNED_IN_ON_NEW_DEVICE
    assert len(await mailbox.message_ids(case.someone.person.email, "fingerprint-verify")) == 1


async def test_code_that_was_taken_opens_one_session(
    scene: Scene, api: httpx.AsyncClient, resources: Resources
) -> None:
    case = scene.code_taken

    await completed(api, case)

    repeated = data(await api.post(DEVICE, json=case.body, headers=case.key))
    assert repeated["user_id"] == case.someone.user["_id"]
    assert await traces_of(resources, case.someone) == SIGNED_IN_ON_NEW_DEVICE


async def test_recovery_code_that_was_shown_is_used_up_once_for_one_session(
    scene: Scene, api: httpx.AsyncClient, resources: Resources
) -> None:
    case = scene.second_factor_shown

    await completed(api, case)

    repeated = data(await api.post(SECOND, json=case.body, headers=case.key))
    assert repeated["user_id"] == case.someone.user["_id"]
    events = ("recovery_code_used", "registered", "signed_in", "two_factor_enabled")
    assert await traces_of(resources, case.someone) == Traces(sessions=2, devices=2, events=events)


async def test_reset_just_begun_still_mails_its_code(scene: Scene, api: httpx.AsyncClient, mailbox: Mailbox) -> None:
    case = scene.reset_begun

    code = await mailbox.code(case.someone.person.email, "forgot-password-verify", within=60)

    await taken(api, VERIFY, {"flow_id": case.flow_id, "code": code})
    assert len(await mailbox.message_ids(case.someone.person.email, "forgot-password-verify")) == 1


@pytest.mark.parametrize("cut", ["password_chosen", "password_changed"])
async def test_new_password_is_set_once_and_its_owner_notified_once(
    cut: str, scene: Scene, api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    case: Case = getattr(scene, cut)

    await completed(api, case)

    data(await api.post(CHANGE, json=case.body, headers=case.key))
    await mailbox.letter(case.someone.person.email, "password-changed", within=60)
    events = ("password_reset", "registered")
    assert await traces_of(resources, case.someone) == Traces(sessions=1, devices=1, events=events)
    assert len(await mailbox.message_ids(case.someone.person.email, "password-changed")) == 1
    data(await api.post("/auth/login", json={**case.someone.person.credentials, "password": NEW}))


async def all_in_hand(resources: Resources, scene: Scene) -> bool:
    return all([await has_step_in_hand(resources, case.flow_id) for _, case in scene.steps])


async def taken(api: httpx.AsyncClient, route: str, body: dict[str, str]) -> None:
    """Take a step: the worker is only just back."""
    key = {"Idempotency-Key": body["flow_id"]}
    data(await repeat_until_answered(lambda: api.post(route, json=body, headers=key)))


async def completed(api: httpx.AsyncClient, case: Case) -> None:
    """Return once the flow has completed without any further request."""

    async def is_completed() -> bool:
        return await state_of(api, case.flow_id) == "completed"

    await eventually(is_completed, within=60)
