"""Checks one-time codes by deriving them again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from temporalio import activity

from domain.codes import CodePurpose

if TYPE_CHECKING:
    from adapters.crypto.one_time_codes import OneTimeCodes


@dataclass(frozen=True)
class CodeIssue:
    """Identifies one code without containing it. A flow keeps the `key_id` it started with."""

    flow_id: str
    purpose: CodePurpose
    key_id: str
    issue_no: int


@dataclass(frozen=True)
class CheckCode:
    """`proof`: the keyed hash of the typed code; `is_decoy`: no code is accepted."""

    issue: CodeIssue
    proof: str
    is_decoy: bool = False


class CodeActivities:
    """Activities for one-time codes, which all flows with a mailed code share."""

    def __init__(self, codes: "OneTimeCodes") -> None:
        self._codes = codes

    @activity.defn(name="codes.check")
    async def check(self, command: CheckCode) -> bool:
        """Whether the proof matches the issue's code. Takes as long for a decoy, and returns False."""
        issue = command.issue
        is_right = self._codes.is_right(
            command.proof,
            flow_id=issue.flow_id,
            purpose=issue.purpose,
            issue_no=issue.issue_no,
            key_id=issue.key_id,
        )
        return is_right and not command.is_decoy
