"""Checks and uses up second factors for flows. A use is keyed by its flow, so a repeat is the same use."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from domain.auth.two_factor import SecondFactorProof, SecondFactorVerdict
from domain.users.security_events import EventKind, SecurityEvent

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.mongo.auth.two_factor import TwoFactorStore


@dataclass(frozen=True)
class UseSecondFactor:
    """`owner`: the workflow id; `number`: counts its uses. Together they identify the use."""

    user_id: str
    proof: SecondFactorProof
    owner: str
    number: int
    asked_at: datetime
    device: str | None = None
    address_prefix: str | None = None


class TwoFactorActivities:
    """Activities that check a second factor, for sign-in and password reset."""

    def __init__(self, two_factors: "TwoFactorStore", hashes: "KeyedHashes") -> None:
        self._two_factors = two_factors
        self._hashes = hashes

    @activity.defn(name="two_factor.judge")
    async def judge(self, command: UseSecondFactor) -> SecondFactorVerdict:
        """Check the proof without using it up."""
        return await self._two_factors.judge(use_event(self._hashes, command), command.proof)

    @activity.defn(name="two_factor.take")
    async def use(self, command: UseSecondFactor) -> bool:
        """Use up a one-time password or a recovery code. Returns False when it is wrong or was used before."""
        return await self._two_factors.use(use_event(self._hashes, command), command.proof)


def use_event(hashes: "KeyedHashes", command: UseSecondFactor) -> SecurityEvent:
    """Return the event of a use, which identifies it: a repeat has the same id."""
    return SecurityEvent(
        event_id=hashes.derive_object_id(command.owner, f"second-factor|{command.number}"),
        user_id=command.user_id,
        kind=EventKind.RECOVERY_CODE_USED,
        at=command.asked_at,
        device=command.device,
        address_prefix=command.address_prefix,
    )
