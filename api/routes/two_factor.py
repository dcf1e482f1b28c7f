"""The second factor: set it up, prove it, turn it off, get new recovery codes."""

from collections.abc import Sequence

from fastapi import APIRouter, Response

from api.answers import answer
from api.deps import DeviceCaller, Notices, Now, Occasion, Resources, StepUp
from api.errors import DEVICE_ERRORS, STEP_UP_ERRORS, problems
from api.limits import device_std, device_strict
from api.schemas.envelope import Answer
from api.schemas.step_up import OptionalStepUp
from api.schemas.two_factor import EnableTwoFactorRequest, RecoveryCodes, TwoFactorSetup, TwoFactorStatus
from domain import errors
from domain.security_events import EventKind
from domain.two_factor import TwoFactor

router = APIRouter(prefix="/auth/2fa", tags=["two-factor"])


@router.get(
    "/status", dependencies=[device_std], response_model=Answer[TwoFactorStatus], responses=problems(*DEVICE_ERRORS)
)
async def status(caller: DeviceCaller, resources: Resources) -> Response:
    """Whether it is on, since when, and how many recovery codes are left. Never the secret."""
    found = await resources.two_factors.find(caller.user.user_id)
    is_on = found is not None and found.is_enabled
    view = TwoFactorStatus(
        enabled=is_on,
        enabled_at=found.enabled_at if found else None,
        recovery_codes_left=found.recovery_codes_left if found else 0,
    )
    return answer(view, "Two-factor status")


@router.post(
    "/setup",
    dependencies=[device_strict],
    response_model=Answer[TwoFactorSetup],
    responses=problems(*DEVICE_ERRORS, *STEP_UP_ERRORS, errors.TwoFactorEnabled, errors.Overloaded, has_body=True),
)
async def setup(
    body: OptionalStepUp, caller: DeviceCaller, resources: Resources, step_up: StepUp, now: Now
) -> Response:
    """A secret for an authenticator. It counts once `enable` has proved it; asking again replaces it."""
    await step_up.require(caller, body.proofs)
    secret = resources.totp.new_secret()
    if not await resources.two_factors.set_up(caller.user.user_id, secret, now):
        raise errors.TwoFactorEnabled
    uri = resources.totp.uri(secret, caller.user.username)
    view = TwoFactorSetup(
        otp_secret=resources.totp.written(secret), otpauth_uri=uri, qr_svg=resources.totp.picture(uri)
    )
    return answer(view, "Two-factor set up")


@router.post(
    "/enable",
    dependencies=[device_strict],
    response_model=Answer[RecoveryCodes],
    responses=problems(
        *DEVICE_ERRORS, errors.WrongCode, errors.TwoFactorNotSetUp, errors.TwoFactorEnabled, has_body=True
    ),
)
async def enable(
    body: EnableTwoFactorRequest, caller: DeviceCaller, resources: Resources, occasion: Occasion, notices: Notices
) -> Response:
    """Turn it on with a first one-time password. Answers ten recovery codes, shown once."""
    pending = await _pending(caller.user.user_id, resources)
    step = resources.totp.matching_step(body.otp, pending.secret, occasion.now)
    if step is None:
        raise errors.WrongCode
    codes = resources.totp.new_recovery_codes()
    event = occasion.event(EventKind.TWO_FACTOR_ENABLED, caller.user.user_id, device=caller.device.facts.label)
    hashes = _hashes(resources, caller.user.user_id, codes)
    if not await resources.two_factors.enable(event, pending, step=step, recovery_hashes=hashes):
        raise errors.TwoFactorEnabled
    await notices.kick(event)
    return answer(RecoveryCodes(recovery_codes=list(codes)), "Two-factor enabled")


@router.post(
    "/disable",
    dependencies=[device_strict],
    response_model=Answer[None],
    responses=problems(*DEVICE_ERRORS, *STEP_UP_ERRORS, errors.TwoFactorNotSetUp, errors.Overloaded, has_body=True),
)
async def disable(
    body: OptionalStepUp,
    caller: DeviceCaller,
    resources: Resources,
    step_up: StepUp,
    occasion: Occasion,
    notices: Notices,
) -> Response:
    """Turn it off with a one-time password or a recovery code. The owner is told by mail."""
    await step_up.require_second_factor(caller, body.proofs)
    event = occasion.event(EventKind.TWO_FACTOR_DISABLED, caller.user.user_id, device=caller.device.facts.label)
    if not await resources.two_factors.disable(event):
        raise errors.TwoFactorNotSetUp
    await notices.kick(event)
    return answer(None, "Two-factor disabled")


@router.post(
    "/recovery-codes",
    dependencies=[device_strict],
    response_model=Answer[RecoveryCodes],
    responses=problems(*DEVICE_ERRORS, *STEP_UP_ERRORS, errors.TwoFactorNotSetUp, errors.Overloaded, has_body=True),
)
async def recovery_codes(
    body: OptionalStepUp,
    caller: DeviceCaller,
    resources: Resources,
    step_up: StepUp,
    occasion: Occasion,
    notices: Notices,
) -> Response:
    """Ten new recovery codes, shown once. The old ones die."""
    await step_up.require_second_factor(caller, body.proofs)
    codes = resources.totp.new_recovery_codes()
    event = occasion.event(EventKind.RECOVERY_CODES_REPLACED, caller.user.user_id, device=caller.device.facts.label)
    hashes = _hashes(resources, caller.user.user_id, codes)
    if not await resources.two_factors.replace_recovery_codes(event, hashes):
        raise errors.TwoFactorNotSetUp
    await notices.kick(event)
    return answer(RecoveryCodes(recovery_codes=list(codes)), "Recovery codes replaced")


async def _pending(user_id: str, resources: Resources) -> TwoFactor:
    found = await resources.two_factors.find(user_id)
    if found is None:
        raise errors.TwoFactorNotSetUp
    if found.is_enabled:
        raise errors.TwoFactorEnabled
    return found


def _hashes(resources: Resources, user_id: str, codes: Sequence[str]) -> Sequence[str]:
    return [resources.totp.recovery_hash(user_id, code) for code in codes]
