"""The last step of a change of username: it decides by the code, and wakes the graph sync once the name is another."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.accounts.username_change import (
    ApplyUsernameChange,
    BeginUsernameChange,
    FinishUsernameChange,
    UsernameChangeActivities,
)
from activities.codes import CheckCode, CodeIssue
from adapters.resources import Resources
from domain.accounts.identifier_changes import ChangeOutcome
from domain.codes import CodePurpose
from domain.flows import FlowKind
from tests.support.people import SignedIn
from tests.support.username_change import WRONG, new_name


class Rename:
    """One change of username by its activities, and whose graph sync it has woken."""

    def __init__(self, environment: ActivityEnvironment, resources: Resources, someone: SignedIn) -> None:
        self._run = environment.run
        self._resources = resources
        self._someone = someone
        self._owner = f"username-change/{secrets.token_hex(11)}"
        self._flow_id = resources.hashes.new_flow_id(FlowKind.USERNAME_CHANGE, None)
        self.name = new_name()
        self.woken: list[str] = []
        self._activities = UsernameChangeActivities(
            resources.accounts.username_changes,
            resources.auth.session_invalidations,
            resources.hashes,
            resources.codes,
            self.woken.append,
        )

    async def begin(self) -> None:
        now = datetime.now(UTC)
        until = now + timedelta(minutes=60)
        begin = BeginUsernameChange(self._owner, self._flow_id, self._someone.user["_id"], self.name, now, until)
        assert (await self._run(self._activities.begin, begin)).outcome is ChangeOutcome.DONE

    async def finish(self, code: str = "") -> ChangeOutcome | None:
        """With the right code unless another is given."""
        codes, device = self._resources.codes, "Firefox 145, Linux"
        issue = CodeIssue(self._flow_id, CodePurpose.USERNAME_CHANGE_VERIFY, codes.current_key_id, 1)
        proof = self._resources.hashes.code_proof(self._flow_id, code or codes.code(**vars(issue)))
        user_id, now = self._someone.user["_id"], datetime.now(UTC)
        change = ApplyUsernameChange(self._owner, user_id, self.name, now, device, "192.0.2.0/24")
        finish = FinishUsernameChange(CheckCode(issue, proof), change)
        outcome: ChangeOutcome | None = await self._run(self._activities.finish, finish)
        return outcome

    async def current_name(self) -> str:
        """The name that the account has."""
        user = await self._resources.users.users.find(self._someone.user["_id"])
        assert user
        return user.username


@pytest.fixture
def rename(environment: ActivityEnvironment, resources: Resources, someone: SignedIn) -> Rename:
    return Rename(environment, resources, someone)


async def test_right_code_sets_the_name_and_wakes_the_graph_sync(rename: Rename, someone: SignedIn) -> None:
    await rename.begin()

    assert await rename.finish() is ChangeOutcome.DONE
    assert await rename.current_name() == rename.name
    assert rename.woken == [someone.user["_id"]]


async def test_wrong_code_changes_nothing_and_wakes_no_shard(rename: Rename, someone: SignedIn) -> None:
    await rename.begin()

    assert await rename.finish(WRONG) is None
    assert await rename.current_name() == someone.person.username
    assert rename.woken == []


async def test_step_repeated_after_its_own_end_is_done_again(rename: Rename) -> None:
    await rename.begin()
    first = await rename.finish()

    assert await rename.finish() is first
    assert await rename.current_name() == rename.name


async def test_change_that_is_not_open_wakes_no_shard(rename: Rename, someone: SignedIn) -> None:
    assert await rename.finish() is ChangeOutcome.SUPERSEDED
    assert await rename.current_name() == someone.person.username
    assert rename.woken == []
