"""Changes of names and addresses that an operator resets to their first task: all ends, and stays, as it was.

On the dev stack: the time-skipping server cannot reset. The plays go on side by side; each test asks after its own.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.resources import Resources
from devstack.stack import Stack
from domain.flows import FlowState
from tests.support.email_change import EmailChanger
from tests.support.envelope import data, refusal
from tests.support.people import new_person
from tests.support.signed_in import on_device
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.resets import Play, Scene, outcomes_of

NAME = "/users/username/change"


async def asks_for_a_name(scene: Scene) -> str:
    body = {"new_username": new_person().username}
    flow = data(await scene.api.post(f"{NAME}/initiate", json=body, headers=on_device(scene.someone)), 202)
    return str(flow["flow_id"])


async def types(scene: Scene, flow_id: str, code: str) -> int:
    proof = {"flow_id": flow_id, "code": code}
    return (await scene.api.post(f"{NAME}/verify-email", json=proof, headers=on_device(scene.someone))).status_code


async def renamed_at_the_last_try(scene: Scene) -> str:
    flow_id = await asks_for_a_name(scene)
    assert [await types(scene, flow_id, WRONG) for _ in range(4)] == [400] * 4
    assert await types(scene, flow_id, await scene.code("username-change-verify")) == 200
    return flow_id


async def rename_locked(scene: Scene) -> str:
    flow_id = await asks_for_a_name(scene)
    assert [await types(scene, flow_id, WRONG) for _ in range(5)] == [400] * 5
    return flow_id


async def rename_cancelled(scene: Scene) -> str:
    flow_id = await asks_for_a_name(scene)
    data(await scene.api.post(f"/flows/{flow_id}/cancel", headers=on_device(scene.someone)))
    return flow_id


async def rename_superseded(scene: Scene) -> str:
    """The one in its place is open still, and stays so."""
    flow_id = await asks_for_a_name(scene)
    await asks_for_a_name(scene)
    await scene.code("username-change-verify")
    return flow_id


async def moved_with_wrong_tries(scene: Scene) -> str:
    mover = mover_of(scene)
    await mover.starts()
    assert refusal(await mover.types("verify-email", WRONG)) == (400, "WrongCode")
    data(await mover.types("verify-email", await mover.next_code(mover.address, "email-change-verify")))
    address = new_person().email
    data(await mover.enters_new_email(address), 202)
    assert refusal(await mover.types("new-email-verify", WRONG)) == (400, "WrongCode")
    data(await mover.types_the_new_code(address))
    await mover.read_revert_mail(scene.someone.person.email)
    return mover.flow_id


async def move_locked(scene: Scene) -> str:
    mover = mover_of(scene)
    await mover.starts()
    for _ in range(5):
        await mover.types("verify-email", WRONG)
    return mover.flow_id


async def taken_back(scene: Scene) -> str:
    """With a later change that it closes."""
    mover = mover_of(scene)
    await mover.changes_email(new_person().email)
    way_back = await mover.read_revert_mail(scene.someone.person.email)
    await mover.starts()
    data(await mover.reverts(way_back))
    await scene.mailbox.letter(scene.someone.person.email, "email-changed", number=2)
    return str(way_back["flow_id"])


def mover_of(scene: Scene) -> EmailChanger:
    return EmailChanger(scene.api, scene.mailbox, scene.someone)


PLAYS: dict[Play, FlowState] = {
    renamed_at_the_last_try: FlowState.COMPLETED,
    rename_locked: FlowState.LOCKED,
    rename_cancelled: FlowState.CANCELLED,
    rename_superseded: FlowState.CANCELLED,
    moved_with_wrong_tries: FlowState.COMPLETED,
    move_locked: FlowState.LOCKED,
    taken_back: FlowState.COMPLETED,
}


@pytest.fixture(scope="module")
async def outcomes(stack: Stack, resources: Resources) -> AsyncIterator[dict[Play, Any]]:
    async with outcomes_of([*PLAYS], stack, resources) as outcomes:
        yield outcomes


@pytest.mark.parametrize(("play", "end"), PLAYS.items())
async def test_flow_ends_as_it_did_and_leaves_nothing_new(
    play: Play, end: FlowState, outcomes: dict[Play, Any]
) -> None:
    outcome = await outcomes[play]

    assert outcome.before[0] is end
    assert outcome.after == outcome.before
