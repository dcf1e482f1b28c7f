"""Checks one-time codes by deriving them again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from temporalio import activity

from domain.codes import CodePurpose

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.crypto.one_time_codes import OneTimeCodes
    from adapters.mongo.users.security_events import SecurityEventStore
    from adapters.mongo.users.users import UserStore


@dataclass(frozen=True)
class CodeIssue:
    """Identifies one code without containing it. A flow keeps the `key_id` it started with."""

    flow_id: str
    purpose: CodePurpose
    key_id: str
    issue_no: int


@dataclass(frozen=True)
class AccountEpoch:
    """An account and the session epoch that it had when a flow began. A decoy names no account that exists.

    `owner`: the workflow id. The flow's own end raises the epoch too, and does not count when its steps are repeated.
    """

    user_id: str
    epoch: int | None
    owner: str


@dataclass(frozen=True)
class CheckCode:
    """`proof`: the keyed hash of the typed code; `is_decoy`: no code is accepted. `account`: the one whose epoch must
    be the same still, where no later step of the flow would notice in time.
    """

    issue: CodeIssue
    proof: str
    is_decoy: bool = False
    account: AccountEpoch | None = None


class CodeActivities:
    """Activities for one-time codes, which all flows with a mailed code share."""

    def __init__(
        self, codes: "OneTimeCodes", users: "UserStore", events: "SecurityEventStore", hashes: "KeyedHashes"
    ) -> None:
        self._codes = codes
        self._users = users
        self._events = events
        self._hashes = hashes

    @activity.defn(name="codes.check")
    async def check(self, command: CheckCode) -> bool | None:
        """Whether the proof matches the issue's code; None when the account has another epoch by now.

        Takes as long for a decoy, and returns False.
        """
        if command.account and await self._has_advanced(command.account):
            return None
        return is_right(self._codes, command)

    async def _has_advanced(self, account: AccountEpoch) -> bool:
        user = await self._users.find(account.user_id)
        if user is None or account.epoch in (None, user.session_epoch):
            return False
        return not await self._events.is_recorded(self._hashes.derive_object_id(account.owner, "event"))


def is_right(codes: "OneTimeCodes", command: CheckCode) -> bool:
    """Whether the proof matches the issue's code; False for a decoy, after the same work."""
    issue = command.issue
    matches = codes.is_right(
        command.proof,
        flow_id=issue.flow_id,
        purpose=issue.purpose,
        issue_no=issue.issue_no,
        key_id=issue.key_id,
    )
    return matches and not command.is_decoy
