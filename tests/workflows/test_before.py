"""Flows that began on a worker from before ONE_WORKFLOW and end on one of today, as they would have ended there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from domain.delivery.mail import MailKind
from domain.flows import FlowState
from tests.replay.scene import A_MINUTE, CODE_LIFETIME, Scene, new_scene
from tests.workflows.clients.flow_client import WRONG, FlowActor
from tests.workflows.clients.sign_in import WRONG_OTP
from tests.workflows.clients.username_change import USER_ID
from tests.workflows.fakes.all import OTP, Fakes
from tests.workflows.time_skipping import run_workers
from workflows.delivery.mailing_flow import ONE_WORKFLOW

Part = Callable[[Scene], Awaitable[FlowActor]]


@dataclass(frozen=True)
class Case:
    """`begin` runs on the workers of before, `finish` on those of today."""

    begin: Part
    finish: Part
    end: FlowState


async def registers(scene: Scene) -> FlowActor:
    await scene.newcomer.starts()
    return scene.newcomer


async def proves_address(scene: Scene) -> FlowActor:
    assert (await scene.newcomer.types(scene.newcomer.code())).registered
    return scene.newcomer


async def proves_address_after_resend(scene: Scene) -> FlowActor:
    await scene.newcomer.waits_and_requests_resend(A_MINUTE)
    assert (await scene.newcomer.types(scene.newcomer.code(issue_no=2))).registered
    return scene.newcomer


async def never_proves_address(scene: Scene) -> FlowActor:
    await scene.clock.advance(CODE_LIFETIME)
    return scene.newcomer


async def signs_in(scene: Scene) -> FlowActor:
    await scene.returner.starts()
    return scene.returner


async def proves_device(scene: Scene) -> FlowActor:
    assert (await scene.returner.types(scene.returner.code())).session_id
    return scene.returner


async def signs_in_with_both(scene: Scene) -> FlowActor:
    scene.fakes.two_factor.is_on = True
    scene.returner.has_second_factor = True
    await scene.returner.starts()
    await scene.returner.types(scene.returner.code())
    return scene.returner


async def shows_second_factor(scene: Scene) -> FlowActor:
    assert (await scene.returner.shows()).session_id
    return scene.returner


async def renames(scene: Scene) -> FlowActor:
    await scene.renamer.starts()
    return scene.renamer


async def proves_name(scene: Scene) -> FlowActor:
    assert (await scene.renamer.types(scene.renamer.code())).refusal is None
    assert await scene.fakes.graph_sync.projected.wait_called(times=1) == [USER_ID]
    return scene.renamer


async def is_superseded(scene: Scene) -> FlowActor:
    await scene.renamer.is_superseded()
    return scene.renamer


async def enters_new_address(scene: Scene) -> FlowActor:
    await scene.mover.has_entered_new_email()
    return scene.mover


async def proves_new_address(scene: Scene) -> FlowActor:
    assert (await scene.mover.types_new(scene.mover.new_code())).refusal is None
    assert (await scene.fakes.mail.ordered(MailKind.EMAIL_CHANGED)).recipient == scene.mover.email_address
    return scene.mover


async def may_take_back(scene: Scene) -> FlowActor:
    await scene.regretter.starts()
    await scene.fakes.mail.ordered(MailKind.EMAIL_CHANGED)
    return scene.regretter


async def takes_back(scene: Scene) -> FlowActor:
    assert (await scene.regretter.types(scene.regretter.code())).refusal is None
    assert len(await scene.fakes.notices.closed.wait_called(times=1)) == 1
    return scene.regretter


async def forgets(scene: Scene) -> FlowActor:
    await scene.forgetful.starts()
    return scene.forgetful


async def resets(scene: Scene) -> FlowActor:
    await scene.forgetful.types(scene.forgetful.code())
    assert (await scene.forgetful.chooses()).refusal is None
    return scene.forgetful


async def forgets_with_second_factor(scene: Scene) -> FlowActor:
    scene.fakes.two_factor.is_on = True
    await scene.forgetful.proves()
    await scene.forgetful.chooses(code=WRONG)
    await scene.forgetful.chooses(second=WRONG_OTP)
    return scene.forgetful


async def resets_with_second_factor(scene: Scene) -> FlowActor:
    assert (await scene.forgetful.chooses(second=OTP)).refusal is None
    assert [use.number for use in scene.fakes.two_factor.used.calls] == [2]
    return scene.forgetful


async def forgets_unknown_name(scene: Scene) -> FlowActor:
    scene.forgetful.is_known = False
    return await forgets(scene)


async def guesses(scene: Scene) -> FlowActor:
    await scene.forgetful.types_wrong(times=5)
    return scene.forgetful


CASES = {
    "registration": Case(registers, proves_address, FlowState.COMPLETED),
    "registration after a resend": Case(registers, proves_address_after_resend, FlowState.COMPLETED),
    "registration expired": Case(registers, never_proves_address, FlowState.EXPIRED),
    "sign-in": Case(signs_in, proves_device, FlowState.COMPLETED),
    "sign-in with both": Case(signs_in_with_both, shows_second_factor, FlowState.COMPLETED),
    "username change": Case(renames, proves_name, FlowState.COMPLETED),
    "username change superseded": Case(renames, is_superseded, FlowState.CANCELLED),
    "email change": Case(enters_new_address, proves_new_address, FlowState.COMPLETED),
    "email revert": Case(may_take_back, takes_back, FlowState.COMPLETED),
    "reset": Case(forgets, resets, FlowState.COMPLETED),
    "reset with a second factor": Case(forgets_with_second_factor, resets_with_second_factor, FlowState.COMPLETED),
    "reset of an unknown name": Case(forgets_unknown_name, guesses, FlowState.LOCKED),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_flow_begun_before_ends_as_it_would_have_then(client: Client, case: Case) -> None:
    fakes = Fakes()
    scene = new_scene(client, fakes)
    async with run_workers(client, fakes, without=ONE_WORKFLOW):
        await case.begin(scene)
    async with run_workers(client, fakes):
        actor = await case.finish(scene)
        ended = await actor.end()

    assert ended.state is case.end
    assert await actor.listed_state() == case.end
    assert await actor.history_of(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED) == []
