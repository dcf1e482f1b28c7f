"""Step-up: re-authentication before a change for which a stolen token must not suffice (OWASP ASVS 7.5)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.area_resources import AuthResources
from api.access.authentication import DeviceCaller
from api.access.request_context import RequestContext
from api.access.request_limits import RequestLimits
from domain.auth.errors import AccountThrottled, InvalidCredentials, SecondFactorRequired, TwoFactorNotSetUp
from domain.auth.password import normalize_password
from domain.auth.sessions import AuthStrength, StepUpProofs, refusal_for_proofs, refusal_for_step_up
from domain.errors import DecodeError, WrongCode
from domain.rate_limits import Bucket
from domain.users.security_events import EventKind

Check = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class StepUpGate:
    """Checks step-up proofs of one request: the password, or the second factor where the account has one."""

    resources: AuthResources
    context: RequestContext
    limits: RequestLimits

    async def require(self, caller: DeviceCaller, proofs: StepUpProofs, first: Check | None = None) -> None:
        """Return if the request carries sufficient proofs or the session has stepped up recently.

        A wrong proof is refused either way. `first`: raises what the account's state forbids. It runs for a caller who
        has something to prove it with, and before a proof is checked, which costs a hash or uses up a code.
        Raises InvalidCredentials, WrongCode, AccountThrottled, SecondFactorRequired or StepUpRequired.
        """
        has_second_factor = await self._has_second_factor(caller)
        if refusal_for_step_up(caller.session, self.context.now, has_second_factor=has_second_factor):
            _require_sufficient(proofs, has_second_factor=has_second_factor)
        if first:
            await first()
        await self._check(caller, proofs, has_second_factor=has_second_factor)

    async def require_now(self, caller: DeviceCaller, proofs: StepUpProofs) -> None:
        """Return if this request carries sufficient proofs, whatever the session has proved before.

        Raises what `require` raises.
        """
        has_second_factor = await self._has_second_factor(caller)
        _require_sufficient(proofs, has_second_factor=has_second_factor)
        await self._check(caller, proofs, has_second_factor=has_second_factor)

    async def require_second_factor(self, caller: DeviceCaller, proofs: StepUpProofs) -> None:
        """Require the second factor in this request. Raises TwoFactorNotSetUp, and what `require` raises."""

        async def is_given() -> None:
            if not await self._has_second_factor(caller):
                raise TwoFactorNotSetUp
            if not proofs.second_factor.is_given:
                raise SecondFactorRequired

        await self.require(caller, proofs, first=is_given)

    async def _check(self, caller: DeviceCaller, proofs: StepUpProofs, *, has_second_factor: bool) -> None:
        """Check all proofs that are given, and record for ten minutes that they suffice.

        Raises InvalidCredentials, WrongCode or AccountThrottled.
        """
        if proofs.password is not None:
            await self._check_password(caller, proofs.password)
        if has_second_factor and proofs.second_factor.is_given:
            await self._use_second_factor(caller, proofs)
            await self._record(caller, AuthStrength.OTP)
        elif not has_second_factor and proofs.password is not None:
            await self._record(caller, AuthStrength.PASSWORD)

    async def _has_second_factor(self, caller: DeviceCaller) -> bool:
        two_factor = await self.resources.auth.two_factors.find(caller.user.user_id)
        return two_factor is not None and two_factor.is_enabled

    async def _check_password(self, caller: DeviceCaller, password: str) -> None:
        await self._require_capacity(caller)
        encoded = await self.resources.auth.password_hashes.find(caller.user.user_id)
        if not await self.resources.auth.password_hasher.is_correct(normalize_password(password), encoded):
            raise await self._record_failure(caller, InvalidCredentials())

    async def _use_second_factor(self, caller: DeviceCaller, proofs: StepUpProofs) -> None:
        await self._require_capacity(caller)
        device = caller.device.info.label
        use = self.context.new_event(EventKind.RECOVERY_CODE_USED, caller.user.user_id, device=device)
        if not await self.resources.auth.two_factors.use(use, proofs.second_factor):
            raise await self._record_failure(caller, WrongCode())

    async def _require_capacity(self, caller: DeviceCaller) -> None:
        decision = await self.limits.peek(self._bucket(caller))
        if decision and not decision.is_allowed:
            raise AccountThrottled(retry_after=decision.retry_after)

    async def _record_failure(self, caller: DeviceCaller, refusal: DecodeError) -> DecodeError:
        """Count a wrong proof. Return `refusal`, or AccountThrottled if parallel failures have filled the bucket."""
        decision = await self.limits.count(self._bucket(caller))
        if decision and not decision.is_allowed:
            return AccountThrottled(retry_after=decision.retry_after)
        return refusal

    def _bucket(self, caller: DeviceCaller) -> Bucket:
        return self.limits.bucket(self.limits.policies.step_up, caller.user.user_id)

    async def _record(self, caller: DeviceCaller, auth_strength: AuthStrength) -> None:
        await self.resources.auth.sessions.record_step_up(
            caller.session.session_id, auth_strength=auth_strength, now=self.context.now
        )


def _require_sufficient(proofs: StepUpProofs, *, has_second_factor: bool) -> None:
    """Raise SecondFactorRequired or StepUpRequired unless the proofs suffice if they are right."""
    refusal = refusal_for_proofs(proofs, has_second_factor=has_second_factor)
    if refusal:
        raise refusal
