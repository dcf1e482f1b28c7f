"""Sign-ins and password resets that an operator resets to their first task: all ends, and stays, as it was.

On the dev stack: the time-skipping server cannot reset. The plays go on side by side; each test asks after its own.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.resources import Resources
from api.flows.client import FlowClient
from api.flows.start import FlowStart
from devstack.stack import Stack
from domain.auth.devices import DeviceInput
from domain.flows import FlowKind, FlowState
from domain.users.users import Role
from tests.support.envelope import data, refusal
from tests.support.signed_in import new_device
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.resets import Play, Scene, outcomes_of
from workflows.auth.sign_in import SignIn, SignInInput
from workflows.queues import Queue

DEVICE = "/auth/login/fingerprint/email-verification"
FORGOT = "/auth/password/forgot"


async def signs_in(scene: Scene) -> str:
    return str(data(await scene.api.post("/auth/login", json=new_device(scene.someone.person)), 202)["flow_id"])


async def forgets(scene: Scene) -> str:
    ask = {"email_or_username": scene.someone.person.email}
    return str(data(await scene.api.post(f"{FORGOT}/initiate", json=ask), 202)["flow_id"])


async def types_wrong(scene: Scene, route: str, flow_id: str, times: int) -> None:
    for _ in range(times):
        answer = await scene.api.post(route, json={"flow_id": flow_id, "code": WRONG})
        assert refusal(answer) == (400, "WrongCode")


async def signed_in_at_the_last_try(scene: Scene) -> str:
    flow_id = await signs_in(scene)
    await types_wrong(scene, DEVICE, flow_id, times=4)
    code = await scene.code("fingerprint-verify")
    data(await scene.api.post(DEVICE, json={"flow_id": flow_id, "code": code}))
    return flow_id


async def sign_in_locked(scene: Scene) -> str:
    flow_id = await signs_in(scene)
    await types_wrong(scene, DEVICE, flow_id, times=5)
    return flow_id


async def sign_in_cancelled(scene: Scene) -> str:
    flow_id = await signs_in(scene)
    data(await scene.api.post(f"/flows/{flow_id}/cancel"))
    return flow_id


async def sign_in_expired(scene: Scene) -> str:
    """Begun as the API begins one, but eleven minutes ago."""
    asked_at, hashes, person = datetime.now(UTC) - timedelta(minutes=11), scene.resources.hashes, scene.someone.person
    order = SignInInput(
        flow_id=hashes.new_flow_id(FlowKind.SIGN_IN, None),
        user_id=scene.someone.user["_id"],
        user_key=hashes.workflow_key(scene.someone.user["_id"]),
        username=person.username,
        role=Role.USER,
        email_address=person.email,
        device=DeviceInput("a" * 64, "Firefox 145", "Phone", "decode"),
        address_prefix="192.0.2.0/24",
        epoch=0,
        needs_device_code=True,
        needs_second_factor=False,
        asked_at=asked_at,
        key_id=scene.resources.codes.current_key_id,
        code_life_seconds=600,
        body_hash="",
    )
    start = FlowStart(
        run=SignIn.run,
        input=order,
        queue=Queue.IDENTITY,
        subject_hash=hashes.subject_hash(person.email),
        summary="Sign-in that needs more than the password",
    )
    await FlowClient(scene.resources.temporal, hashes).start(start, SignIn.wait_started, asked_at)
    return order.flow_id


async def password_reset_at_the_last_tries(scene: Scene) -> str:
    flow_id = await forgets(scene)
    await types_wrong(scene, f"{FORGOT}/verify-email", flow_id, times=4)
    proof = {"flow_id": flow_id, "code": await scene.code("forgot-password-verify")}
    data(await scene.api.post(f"{FORGOT}/verify-email", json=proof))
    weak = await scene.api.post(f"{FORGOT}/change", json={**proof, "new_password": "short"})
    assert refusal(weak) == (422, "WeakPassword")
    data(await scene.api.post(f"{FORGOT}/change", json={**proof, "new_password": "another long enough phrase"}))
    return flow_id


async def password_reset_locked(scene: Scene) -> str:
    flow_id = await forgets(scene)
    await types_wrong(scene, f"{FORGOT}/verify-email", flow_id, times=5)
    return flow_id


async def password_reset_cancelled(scene: Scene) -> str:
    flow_id = await forgets(scene)
    data(await scene.api.post(f"/flows/{flow_id}/cancel"))
    return flow_id


PLAYS: dict[Play, FlowState] = {
    signed_in_at_the_last_try: FlowState.COMPLETED,
    sign_in_locked: FlowState.LOCKED,
    sign_in_cancelled: FlowState.CANCELLED,
    sign_in_expired: FlowState.EXPIRED,
    password_reset_at_the_last_tries: FlowState.COMPLETED,
    password_reset_locked: FlowState.LOCKED,
    password_reset_cancelled: FlowState.CANCELLED,
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
