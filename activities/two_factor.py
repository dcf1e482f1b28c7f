"""Judges and uses up second factors for flows. A use is named by its flow: repeated, it is the same use."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from domain.security_events import EventKind, SecurityEvent
from domain.two_factor import SecondProof, SecondVerdict

if TYPE_CHECKING:
    from adapters.crypto.hashes import Hashes
    from adapters.mongo.two_factor import TwoFactorStore


@dataclass(frozen=True)
class JudgeSecondFactor:
    user_id: str
    proof: SecondProof
    asked_at: datetime


@dataclass(frozen=True)
class TakeSecondFactor:
    """`owner` is the workflow id, `number` counts its uses: together they name this one for good."""

    user_id: str
    proof: SecondProof
    owner: str
    number: int
    asked_at: datetime
    device: str | None = None
    address_prefix: str | None = None


class TwoFactorActivities:
    def __init__(self, two_factors: "TwoFactorStore", hashes: "Hashes") -> None:
        self._two_factors = two_factors
        self._hashes = hashes

    @activity.defn(name="two_factor.judge")
    async def judge(self, judge: JudgeSecondFactor) -> SecondVerdict:
        """What the proof is worth. Nothing is used up."""
        return await self._two_factors.judge(judge.user_id, judge.proof, judge.asked_at)

    @activity.defn(name="two_factor.take")
    async def take(self, take: TakeSecondFactor) -> bool:
        """Use up a one-time password or a recovery code. False when it is wrong or was used before."""
        use = SecurityEvent(
            event_id=self._hashes.object_id(take.owner, f"second-factor|{take.number}"),
            user_id=take.user_id,
            kind=EventKind.RECOVERY_CODE_USED,
            at=take.asked_at,
            device=take.device,
            address_prefix=take.address_prefix,
        )
        return await self._two_factors.take(use, take.proof)
