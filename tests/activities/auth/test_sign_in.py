"""The one step of a sign-in with a second factor: it uses the factor up and opens the session, and finds both again."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from temporalio.testing import ActivityEnvironment

from activities.auth.sign_in import OpenSession, ProveSecondFactorAndOpen, SessionOpened, SignInActivities
from activities.auth.two_factor import UseSecondFactor
from adapters.resources import Resources
from domain.auth.devices import DeviceInput
from domain.auth.sessions import OpeningOutcome
from domain.auth.two_factor import SecondFactorProof
from domain.users.users import Role
from tests.support.people import SignedIn
from tests.support.signed_in import Authenticator, turn_on_second_factor


class Step:
    """The step of one flow, under the id of its workflow."""

    def __init__(self, environment: ActivityEnvironment, resources: Resources) -> None:
        auth, users = resources.auth, resources.users
        self._activities = SignInActivities(
            auth.sign_ins,
            users.users,
            users.security_events,
            auth.session_invalidations,
            resources.hashes,
            resources.codes,
            auth.two_factors,
        )
        self._run = environment.run

    async def take(self, order: ProveSecondFactorAndOpen) -> SessionOpened | None:
        result: SessionOpened | None = await self._run(self._activities.prove_second_factor, order)
        return result


@pytest.fixture
def step(environment: ActivityEnvironment, resources: Resources) -> Step:
    return Step(environment, resources)


@pytest.fixture
async def authenticator(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> Authenticator:
    """That of the account, whose second factor is on."""
    return await turn_on_second_factor(api, resources, someone)


@pytest.fixture
async def order(someone: SignedIn, authenticator: Authenticator) -> ProveSecondFactorAndOpen:
    """One with a one-time password that was not used yet, on a device that its code has proved."""
    owner, user_id, now = f"sign-in/{secrets.token_hex(11)}", someone.user["_id"], datetime.now(UTC)
    device = DeviceInput(secrets.token_hex(32), "Browser", "Phone", "tests")
    proof = SecondFactorProof(otp=await authenticator.next_otp())
    return ProveSecondFactorAndOpen(
        UseSecondFactor(user_id, proof, owner, 1, now),
        OpenSession(
            owner,
            user_id,
            someone.person.username,
            Role.USER,
            device,
            epoch=0,
            has_second_factor=False,
            trusts_device=True,
            now=now,
            address_prefix="192.0.2.0/24",
        ),
    )


async def test_repeat_returns_the_session_though_a_newer_one_time_password_was_used(
    step: Step, authenticator: Authenticator, order: ProveSecondFactorAndOpen
) -> None:
    first = await step.take(order)

    await authenticator.use_newer()

    assert first
    assert first.outcome is OpeningOutcome.OPENED
    assert await step.take(order) == first


async def test_one_time_password_used_by_another_flow_opens_nothing(
    step: Step, order: ProveSecondFactorAndOpen
) -> None:
    owner = f"sign-in/{secrets.token_hex(11)}"
    other = replace(order, opening=replace(order.opening, owner=owner), use=replace(order.use, owner=owner))
    await step.take(other)

    assert await step.take(order) is None
