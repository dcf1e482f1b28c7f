"""Two-factor authentication: status, setup, enabling, disabling, new recovery codes."""

from collections.abc import Sequence

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import device_std, device_strict
from api.auth.deps import ResourcesDep
from api.auth.schemas.two_factor import EnableTwoFactorRequest, RecoveryCodes, TwoFactorSetup, TwoFactorStatus
from api.deps import CallerIdempotentDep, DeviceCallerDep, NoticeTriggerDep, NowDep, RequestContextDep, StepUpDep
from api.http.errors import DEVICE_ERRORS, STEP_UP_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from api.schemas.step_up import OptionalStepUp
from domain.auth.errors import TwoFactorEnabled, TwoFactorNotSetUp
from domain.auth.two_factor import TwoFactor
from domain.errors import IdempotencyKeyReused, Overloaded, WrongCode
from domain.users.permissions import Need, Permission
from domain.users.security_events import EventKind

router = APIRouter(prefix="/auth/2fa", tags=["two-factor"])


@router.get(
    "/status",
    dependencies=[permit(Permission.ACCOUNT_READ, Need.DEVICE), device_std],
    response_model=Answer[TwoFactorStatus],
    responses=error_responses(*DEVICE_ERRORS),
)
async def get_status(caller: DeviceCallerDep, resources: ResourcesDep) -> Response:
    """Return whether the second factor is on, since when, and how many recovery codes are left. Never the secret."""
    two_factor = await resources.auth.two_factors.find(caller.user.user_id)
    is_enabled = two_factor is not None and two_factor.is_enabled
    view = TwoFactorStatus(
        enabled=is_enabled,
        enabled_at=two_factor.enabled_at if two_factor else None,
        recovery_codes_left=two_factor.recovery_codes_left if two_factor else 0,
    )
    return success_response(view, "Two-factor status")


@router.post(
    "/setup",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.STEP_UP, proves_itself=True), device_strict],
    response_model=Answer[TwoFactorSetup],
    responses=error_responses(
        *DEVICE_ERRORS,
        *STEP_UP_ERRORS,
        TwoFactorEnabled,
        IdempotencyKeyReused,
        Overloaded,
        has_body=True,
    ),
)
async def set_up(
    body: OptionalStepUp,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    step_up: StepUpDep,
    now: NowDep,
    idempotent: CallerIdempotentDep,
) -> Response:
    """Make a secret for an authenticator. It counts once `enable` has proved it; asking again replaces it."""

    async def set_up() -> TwoFactorSetup:
        await step_up.require(caller, body.proofs, first=lambda: _require_not_enabled(caller.user.user_id, resources))
        secret = resources.auth.totp.new_secret()
        uri = resources.auth.totp.provisioning_uri(secret, caller.user.username)
        view = TwoFactorSetup(
            otp_secret=resources.auth.totp.format_secret(secret),
            otpauth_uri=uri,
            qr_svg=resources.auth.totp.qr_svg(uri),
        )
        if not await resources.auth.two_factors.set_up(
            caller.user.user_id, secret, now, idempotent.new_receipt(body, view)
        ):
            raise TwoFactorEnabled
        return view

    return success_response(await idempotent.run_once(body, TwoFactorSetup, set_up), "Two-factor set up")


@router.post(
    "/enable",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.DEVICE), device_strict],
    response_model=Answer[RecoveryCodes],
    responses=error_responses(
        *DEVICE_ERRORS,
        WrongCode,
        TwoFactorNotSetUp,
        TwoFactorEnabled,
        IdempotencyKeyReused,
        has_body=True,
    ),
)
async def enable(
    body: EnableTwoFactorRequest,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    context: RequestContextDep,
    notice_trigger: NoticeTriggerDep,
    idempotent: CallerIdempotentDep,
) -> Response:
    """Turn the second factor on with a first one-time password. Answers ten recovery codes, shown once."""

    async def enabled() -> RecoveryCodes:
        pending = await _pending(caller.user.user_id, resources)
        step = resources.auth.totp.find_time_step(body.otp, pending.secret, context.now)
        if step is None:
            raise WrongCode
        view, hashes = _new_codes(resources, caller.user.user_id)
        event = context.new_event(EventKind.TWO_FACTOR_ENABLED, caller.user.user_id, device=caller.device.info.label)
        receipt = idempotent.new_receipt(body, view)
        if not await resources.auth.two_factors.enable(
            event, pending, step=step, recovery_hashes=hashes, receipt=receipt
        ):
            raise TwoFactorEnabled
        await notice_trigger.trigger(event)
        return view

    return success_response(await idempotent.run_once(body, RecoveryCodes, enabled), "Two-factor enabled")


@router.post(
    "/disable",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.STEP_UP, proves_itself=True), device_strict],
    response_model=Answer[None],
    responses=error_responses(*DEVICE_ERRORS, *STEP_UP_ERRORS, TwoFactorNotSetUp, Overloaded, has_body=True),
)
async def disable(
    body: OptionalStepUp,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    step_up: StepUpDep,
    context: RequestContextDep,
    notice_trigger: NoticeTriggerDep,
) -> Response:
    """Turn the second factor off with a one-time password or a recovery code. The owner is told by mail."""
    await step_up.require_second_factor(caller, body.proofs)
    event = context.new_event(EventKind.TWO_FACTOR_DISABLED, caller.user.user_id, device=caller.device.info.label)
    if not await resources.auth.two_factors.disable(event):
        raise TwoFactorNotSetUp
    await notice_trigger.trigger(event)
    return success_response(None, "Two-factor disabled")


@router.post(
    "/recovery-codes",
    dependencies=[permit(Permission.ACCOUNT_MANAGE, Need.STEP_UP, proves_itself=True), device_strict],
    response_model=Answer[RecoveryCodes],
    responses=error_responses(
        *DEVICE_ERRORS,
        *STEP_UP_ERRORS,
        TwoFactorNotSetUp,
        IdempotencyKeyReused,
        Overloaded,
        has_body=True,
    ),
)
async def renew_recovery_codes(
    body: OptionalStepUp,
    caller: DeviceCallerDep,
    resources: ResourcesDep,
    step_up: StepUpDep,
    context: RequestContextDep,
    notice_trigger: NoticeTriggerDep,
    idempotent: CallerIdempotentDep,
) -> Response:
    """Make ten new recovery codes, which are shown once. The old ones die."""

    async def replaced() -> RecoveryCodes:
        await step_up.require_second_factor(caller, body.proofs)
        view, hashes = _new_codes(resources, caller.user.user_id)
        event = context.new_event(
            EventKind.RECOVERY_CODES_REPLACED, caller.user.user_id, device=caller.device.info.label
        )
        if not await resources.auth.two_factors.replace_recovery_codes(
            event, hashes, idempotent.new_receipt(body, view)
        ):
            raise TwoFactorNotSetUp
        await notice_trigger.trigger(event)
        return view

    return success_response(await idempotent.run_once(body, RecoveryCodes, replaced), "Recovery codes replaced")


async def _require_not_enabled(user_id: str, resources: ResourcesDep) -> None:
    """Raise TwoFactorEnabled if the second factor is on."""
    two_factor = await resources.auth.two_factors.find(user_id)
    if two_factor is not None and two_factor.is_enabled:
        raise TwoFactorEnabled


async def _pending(user_id: str, resources: ResourcesDep) -> TwoFactor:
    """Return the second factor that is set up and not enabled. Raises TwoFactorNotSetUp or TwoFactorEnabled."""
    two_factor = await resources.auth.two_factors.find(user_id)
    if two_factor is None:
        raise TwoFactorNotSetUp
    if two_factor.is_enabled:
        raise TwoFactorEnabled
    return two_factor


def _new_codes(resources: ResourcesDep, user_id: str) -> tuple[RecoveryCodes, Sequence[str]]:
    """Return new recovery codes to show once, and the hashes to store."""
    codes = resources.auth.totp.new_recovery_codes()
    return RecoveryCodes(recovery_codes=list(codes)), [
        resources.auth.totp.hash_recovery_code(user_id, code) for code in codes
    ]
