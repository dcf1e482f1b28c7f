"""Proving again who one is, before a change that a stolen token must not be enough for."""

from dataclasses import dataclass

from adapters.area_resources import AuthResources
from api.access.authentication import DeviceCaller
from api.access.request_context import Occasion
from api.access.request_limits import RequestLimits
from domain.auth.errors import AccountThrottled, InvalidCredentials, SecondFactorRequired, StepUpRequired
from domain.auth.password import normal_password
from domain.auth.sessions import AuthStrength, StepUpProofs, judge_step_up
from domain.errors import DecodeError, WrongCode
from domain.rate_limits import Bucket
from domain.users.security_events import EventKind


@dataclass(frozen=True)
class StepUp:
    resources: AuthResources
    occasion: Occasion
    limits: RequestLimits

    async def require(self, caller: DeviceCaller, proofs: StepUpProofs) -> None:
        """Let pass who proves it now or has lately. A wrong proof is refused even then.

        Raises InvalidCredentials, WrongCode, AccountThrottled, SecondFactorRequired or StepUpRequired.
        """
        has_second_factor = await self._has_second_factor(caller)
        if await self._proved(caller, proofs, has_second_factor=has_second_factor):
            return
        refusal = judge_step_up(caller.session, self.occasion.now, has_second_factor=has_second_factor)
        if refusal:
            raise SecondFactorRequired if has_second_factor and proofs.password is not None else refusal

    async def require_now(self, caller: DeviceCaller, proofs: StepUpProofs) -> None:
        """Let pass who proves it in this request, whatever the session has proved before.

        Raises what `require` raises.
        """
        has_second_factor = await self._has_second_factor(caller)
        if not await self._proved(caller, proofs, has_second_factor=has_second_factor):
            raise SecondFactorRequired if has_second_factor and proofs.password is not None else StepUpRequired

    async def require_second_factor(self, caller: DeviceCaller, proofs: StepUpProofs) -> None:
        """Where there is a second factor, it must be proved in this request; where not, `require` decides.

        Raises what `require` raises.
        """
        await self.require(caller, proofs)
        if not proofs.second.is_given and await self._has_second_factor(caller):
            raise SecondFactorRequired

    async def _proved(self, caller: DeviceCaller, proofs: StepUpProofs, *, has_second_factor: bool) -> bool:
        """Whether the proofs suffice by themselves. What has sufficed is noted for the next ten minutes."""
        if proofs.password is not None:
            await self._check_password(caller, proofs.password)
        if not has_second_factor and proofs.password is not None:
            await self._note(caller, AuthStrength.PASSWORD)
            return True
        if has_second_factor and proofs.second.is_given:
            await self._take_second_factor(caller, proofs)
            await self._note(caller, AuthStrength.OTP)
            return True
        return False

    async def _has_second_factor(self, caller: DeviceCaller) -> bool:
        two_factor = await self.resources.auth.two_factors.find(caller.user.user_id)
        return two_factor is not None and two_factor.is_enabled

    async def _check_password(self, caller: DeviceCaller, password: str) -> None:
        await self._require_room(caller)
        encoded = await self.resources.auth.password_hashes.find(caller.user.user_id)
        if not await self.resources.auth.passwords.is_right(normal_password(password), encoded):
            raise await self._failed(caller, InvalidCredentials())

    async def _take_second_factor(self, caller: DeviceCaller, proofs: StepUpProofs) -> None:
        await self._require_room(caller)
        device = caller.device.facts.label
        use = self.occasion.event(EventKind.RECOVERY_CODE_USED, caller.user.user_id, device=device)
        if not await self.resources.auth.two_factors.take(use, proofs.second):
            raise await self._failed(caller, WrongCode())

    async def _require_room(self, caller: DeviceCaller) -> None:
        verdict = await self.limits.look(self._bucket(caller))
        if verdict and not verdict.is_allowed:
            raise AccountThrottled(retry_after=verdict.retry_after)

    async def _failed(self, caller: DeviceCaller, refusal: DecodeError) -> DecodeError:
        """Count a wrong proof. The refusal, or that there were too many while this one was checked."""
        verdict = await self.limits.count(self._bucket(caller))
        if verdict and not verdict.is_allowed:
            return AccountThrottled(retry_after=verdict.retry_after)
        return refusal

    def _bucket(self, caller: DeviceCaller) -> Bucket:
        return self.limits.bucket(self.limits.policies.step_up, caller.user.user_id)

    async def _note(self, caller: DeviceCaller, by: AuthStrength) -> None:
        await self.resources.auth.sessions.step_up(caller.session.session_id, by=by, now=self.occasion.now)
