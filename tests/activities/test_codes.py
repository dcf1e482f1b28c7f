"""Checking a code: right only for its own issue, flow, purpose and key."""

import secrets

import pytest
from temporalio.testing import ActivityEnvironment

from activities.codes import AccountEpoch, CheckCode, CodeActivities, CodeIssue
from adapters.crypto.keys import UnknownKey
from adapters.resources import Resources
from domain.codes import CodePurpose
from tests.support.people import SignedIn


@pytest.fixture
def issue(resources: Resources) -> CodeIssue:
    flow_id = f"r{secrets.token_urlsafe(24)}"
    return CodeIssue(flow_id, CodePurpose.CREATE_ACCOUNT, resources.codes.current_key_id, issue_no=2)


@pytest.fixture
def code(issue: CodeIssue, resources: Resources) -> str:
    """The right one."""
    return resources.codes.code(
        flow_id=issue.flow_id, purpose=issue.purpose, issue_no=issue.issue_no, key_id=issue.key_id
    )


@pytest.fixture
def proof(issue: CodeIssue, code: str, resources: Resources) -> str:
    """What the API passes on when the right code was typed."""
    return resources.hashes.code_proof(issue.flow_id, code)


@pytest.fixture
def activities(resources: Resources) -> CodeActivities:
    users = resources.users
    return CodeActivities(resources.codes, users.users, users.security_events, resources.hashes)


async def test_right_code_is_right_however_often_it_is_checked(
    environment: ActivityEnvironment, activities: CodeActivities, issue: CodeIssue, proof: str
) -> None:
    answers = [await environment.run(activities.check, CheckCode(issue, proof)) for _ in range(2)]

    assert answers == [True, True]


@pytest.mark.parametrize("issue_no", [1, 3])
async def test_code_of_another_issue_is_wrong(
    environment: ActivityEnvironment, activities: CodeActivities, issue: CodeIssue, proof: str, issue_no: int
) -> None:
    other = CodeIssue(issue.flow_id, issue.purpose, issue.key_id, issue_no)

    assert not await environment.run(activities.check, CheckCode(other, proof))


async def test_code_of_another_flow_is_wrong(
    environment: ActivityEnvironment, activities: CodeActivities, issue: CodeIssue, code: str, resources: Resources
) -> None:
    other = CodeIssue(f"r{secrets.token_urlsafe(24)}", issue.purpose, issue.key_id, issue.issue_no)
    typed = resources.hashes.code_proof(other.flow_id, code)

    assert not await environment.run(activities.check, CheckCode(other, typed))


@pytest.mark.parametrize("proof", ["", "222222"])
async def test_what_is_no_proof_is_wrong(
    environment: ActivityEnvironment, activities: CodeActivities, issue: CodeIssue, proof: str
) -> None:
    assert not await environment.run(activities.check, CheckCode(issue, proof))


async def test_code_itself_is_no_proof(
    environment: ActivityEnvironment, activities: CodeActivities, issue: CodeIssue, code: str
) -> None:
    assert not await environment.run(activities.check, CheckCode(issue, code))


async def test_decoy_has_no_right_code(
    environment: ActivityEnvironment, activities: CodeActivities, issue: CodeIssue, proof: str
) -> None:
    assert not await environment.run(activities.check, CheckCode(issue, proof, is_decoy=True))


async def test_right_code_of_an_older_epoch_counts_no_more(
    environment: ActivityEnvironment, activities: CodeActivities, issue: CodeIssue, proof: str, someone: SignedIn
) -> None:
    accounts = [AccountEpoch(someone.user["_id"], epoch, "flow") for epoch in (0, None, 7)]

    answers = [await environment.run(activities.check, CheckCode(issue, proof, account=each)) for each in accounts]

    assert answers == [True, True, None]


async def test_key_that_is_not_rolled_out_here_is_worth_another_try(
    environment: ActivityEnvironment, activities: CodeActivities, issue: CodeIssue, proof: str
) -> None:
    unknown = CodeIssue(issue.flow_id, issue.purpose, "next1", issue.issue_no)

    with pytest.raises(UnknownKey):
        await environment.run(activities.check, CheckCode(unknown, proof))
