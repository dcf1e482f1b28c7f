"""Checks one-time codes by deriving them again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from temporalio import activity

from domain.codes import CodePurpose

if TYPE_CHECKING:
    from adapters.crypto.codes import OneTimeCodes


@dataclass(frozen=True)
class CodeIssue:
    """Names one code without holding it. A flow keeps the `key_id` of its start."""

    flow_id: str
    purpose: CodePurpose
    key_id: str
    issue_no: int


@dataclass(frozen=True)
class CheckCode:
    """`proof` is the keyed hash of what the person typed. A decoy's code is never right."""

    issue: CodeIssue
    proof: str
    is_decoy: bool = False


class CodeActivities:
    def __init__(self, codes: "OneTimeCodes") -> None:
        self._codes = codes

    @activity.defn(name="codes.check")
    async def check(self, command: CheckCode) -> bool:
        """Whether the proof is that of the issue's code. A decoy costs the same and answers no."""
        issue = command.issue
        is_right = self._codes.is_right(
            command.proof,
            flow_id=issue.flow_id,
            purpose=issue.purpose,
            issue_no=issue.issue_no,
            key_id=issue.key_id,
        )
        return is_right and not command.is_decoy
