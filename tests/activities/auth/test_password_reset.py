"""A reset's one step: code, second factor and strength are judged in this order, and only a change uses them up."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.auth.password_reset import PasswordResetActivities, ProveAndReset, ResetPassword, ResetResult
from activities.auth.two_factor import TwoFactorActivities, UseSecondFactor
from activities.codes import AccountEpoch, CheckCode, CodeActivities, CodeIssue
from adapters.resources import Resources
from domain.auth.password import ResetOutcome
from domain.auth.two_factor import SecondFactorProof
from domain.codes import CodePurpose
from tests.support.people import SignedIn
from tests.support.signed_in import turn_on_second_factor

NEW = "$argon2id$new"
MISSING = ResetResult(ResetOutcome.SECOND_FACTOR_MISSING)


class Step:
    """The step of one flow, under the id of its workflow."""

    def __init__(self, environment: ActivityEnvironment, resources: Resources, someone: SignedIn) -> None:
        users, auth, hashes = resources.users, resources.auth, resources.hashes
        codes = CodeActivities(resources.codes, users.users, users.security_events, hashes)
        two_factor = TwoFactorActivities(auth.two_factors, hashes)
        self._activities = PasswordResetActivities(
            auth.password_hashes, users.security_events, auth.session_invalidations, hashes, codes, two_factor
        )
        self._run = environment.run
        self._resources = resources
        self._user_id = someone.user["_id"]
        self.right = self._order(someone)

    async def take(self, order: ProveAndReset) -> ResetResult | None:
        result: ResetResult | None = await self._run(self._activities.prove_and_change, order)
        return result

    async def is_password_new(self) -> bool:
        user = await self._resources.clients.database["users"].find_one({"_id": ObjectId(self._user_id)})
        return bool(user and user["password_hashed"] == NEW)

    async def codes_left(self) -> int:
        two_factor = await self._resources.auth.two_factors.find(self._user_id)
        assert two_factor
        return two_factor.recovery_codes_left

    def _order(self, someone: SignedIn) -> ProveAndReset:
        owner, now, codes = f"password-reset/{secrets.token_hex(11)}", datetime.now(UTC), self._resources.codes
        issue = CodeIssue(f"p{secrets.token_urlsafe(24)}", CodePurpose.FORGOT_PASSWORD_VERIFY, codes.current_key_id, 1)
        code = codes.code(flow_id=issue.flow_id, purpose=issue.purpose, issue_no=1, key_id=issue.key_id)
        proof = self._resources.hashes.code_proof(issue.flow_id, code)
        return ProveAndReset(
            CheckCode(issue, proof, account=AccountEpoch(self._user_id, 0, owner)),
            UseSecondFactor(self._user_id, SecondFactorProof(), owner, 1, now),
            ResetPassword(owner, self._user_id, NEW, now, "192.0.2.0/24", someone.person.email, 0),
            is_weak=False,
        )


@pytest.fixture
def step(environment: ActivityEnvironment, resources: Resources, someone: SignedIn) -> Step:
    return Step(environment, resources, someone)


@pytest.fixture
async def recovery_code(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> SecondFactorProof:
    """One of the account, whose second factor is on."""
    authenticator = await turn_on_second_factor(api, resources, someone)
    return SecondFactorProof(recovery_code=authenticator.recovery_codes[0])


def showing(order: ProveAndReset, proof: SecondFactorProof) -> ProveAndReset:
    return replace(order, use=replace(order.use, proof=proof))


async def test_right_code_sets_the_password_and_a_repeat_finds_it_set(step: Step) -> None:
    first, repeated = [await step.take(step.right) for _ in range(2)]

    assert first == repeated
    assert first
    assert (first.outcome, await step.is_password_new()) == (ResetOutcome.DONE, True)


async def test_repeat_finds_its_own_use_of_the_second_factor_right(
    step: Step, recovery_code: SecondFactorProof
) -> None:
    before = await step.codes_left()

    first, repeated = [await step.take(showing(step.right, recovery_code)) for _ in range(2)]

    assert first == repeated
    assert first
    assert (first.outcome, await step.codes_left()) == (ResetOutcome.DONE, before - 1)


async def test_repeat_finds_its_end_though_a_newer_one_time_password_was_used(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, step: Step
) -> None:
    authenticator = await turn_on_second_factor(api, resources, someone)
    order = showing(step.right, SecondFactorProof(otp=await authenticator.next_otp()))
    first = await step.take(order)

    await authenticator.use_newer()

    assert first
    assert first.outcome is ResetOutcome.DONE
    assert await step.take(order) == first


async def test_wrong_code_uses_up_no_second_factor(step: Step, recovery_code: SecondFactorProof) -> None:
    before, order = await step.codes_left(), showing(step.right, recovery_code)

    result = await step.take(replace(order, check=replace(order.check, proof="")))

    assert (result, await step.codes_left(), await step.is_password_new()) == (None, before, False)


async def test_older_epoch_uses_up_no_second_factor(
    step: Step, recovery_code: SecondFactorProof, resources: Resources, someone: SignedIn
) -> None:
    before, order = await step.codes_left(), showing(step.right, recovery_code)
    older = AccountEpoch(someone.user["_id"], 7, order.reset.owner)

    result = await step.take(replace(order, check=replace(order.check, account=older)))

    assert result == ResetResult(ResetOutcome.GONE)
    assert (await step.codes_left(), await step.is_password_new()) == (before, False)


async def test_weak_password_is_refused_after_the_second_factor_and_uses_up_none(
    step: Step, recovery_code: SecondFactorProof
) -> None:
    before, weak = await step.codes_left(), replace(step.right, is_weak=True)

    without, shown = await step.take(weak), await step.take(showing(weak, recovery_code))

    assert (without, shown) == (MISSING, ResetResult(ResetOutcome.PASSWORD_WEAK))
    assert (await step.codes_left(), await step.is_password_new()) == (before, False)


@pytest.mark.usefixtures("recovery_code")
async def test_wrong_second_factor_changes_nothing(step: Step) -> None:
    wrong = SecondFactorProof(recovery_code="AAAA-AAAA-AAAA-AAAA")

    assert await step.take(showing(step.right, wrong)) is None
    assert not await step.is_password_new()


async def test_recovery_code_of_another_flow_counts_no_more(step: Step, recovery_code: SecondFactorProof) -> None:
    order = showing(step.right, recovery_code)
    owner = f"password-reset/{secrets.token_hex(11)}"
    other = replace(order, use=replace(order.use, owner=owner), reset=replace(order.reset, owner=owner, epoch=7))
    await step.take(other)

    assert await step.take(order) is None
